#include "buildpack/pipeline/advice.h"

#include <fmt/format.h>

#include <algorithm>

#include "buildpack/doctor/rendering.h"
#include "common/text.h"

namespace mesh::buildpack {
namespace {

using doctor::Checkup;
using procfile::App;

constexpr std::size_t kMaxFileBytes = 256 * 1024;

bool lies_in(const Path& path, const Path& root) { return std::ranges::mismatch(root, path).in1 == root.end(); }

}  // namespace

App app_in(const Path& root, const ConfigVars& vars, Files& files) {
  const auto real_root = files.resolve(root);
  App app;
  if (vars.names()) {
    app.config = procfile::ConfigVars{*vars.names(), [&vars](std::string_view name) { return vars.in_directory(name); }};
  }
  app.read = [root, real_root, &files](std::string_view path) -> std::optional<std::string> {
    if (path.find('\0') != std::string_view::npos) return std::nullopt;
    const auto real = files.resolve(root / path);
    if (!real || !real_root || !lies_in(*real, *real_root)) return std::nullopt;
    const auto content = files.read(*real, kMaxFileBytes);
    return content ? std::optional(*content) : std::nullopt;
  };
  app.list = [root, &files](std::string_view directory) {
    const auto names = files.list(root / directory);
    return names ? *names : std::vector<std::string>();
  };
  return app;
}

void advise(const Checkup& checkup, std::string_view took, Console& console) {
  console.step(
      fmt::format("Ensure that {0} is configured in your Procfile's web process to start your app, eg {0} "
                  "<app startup command>",
                  program(checkup.product)));
  console.detail(fmt::format("Checked the Procfile ({})", took));
  if (checkup.web == doctor::WebProcess::wrapped) {
    console.detail(fmt::format("Found: web: {}", text::printable_line(doctor::without_secrets(checkup.web_command), 200)));
  }
  for (const doctor::Finding& finding : checkup.findings) {
    const std::string description = describe(finding);
    if (is_mistake(finding)) {
      console.warning(description);
    } else {
      for (const std::string_view line : text::split(description, '\n')) console.detail(line);
    }
  }
}

}  // namespace mesh::buildpack
