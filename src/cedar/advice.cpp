#include "cedar/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "release/resolve.h"

namespace mesh::cedar {
namespace {

constexpr std::size_t kMaxFileBytes = 256 * 1024;

AppFileReader reader_of(const Path& app, Files& files) {
  return [&app, &files](std::string_view path) -> std::optional<std::string> {
    auto content = files.read(app / path, kMaxFileBytes);
    if (!content) return std::nullopt;
    return *std::move(content);
  };
}

// The command with the mesh before it, where that is all it takes: the mesh starts one program, so that a command with more
// shell in it, or one that uses the mesh's own port, needs its author.
std::string wrapped(std::string_view command) {
  const std::string_view first_word = command.substr(0, std::min(command.find(' '), command.size()));
  constexpr std::array<std::string_view, 5> kBuiltins = {"cd", "exec", "export", ".", "source"};
  const bool is_plain = command.find_first_of("=;&|()<>`\"'\\") == std::string_view::npos &&
                        command.find("PORT") == std::string_view::npos &&
                        std::ranges::find(kBuiltins, first_word) == kBuiltins.end();
  return fmt::format("APP_PORT=3000 {} {}", kBinaryName, is_plain ? command : "<startup command>");
}

void tell(const ProcfileCheck& check, Console& console) {
  const std::string command = text::printable_line(check.web_command, 200);
  switch (check.web) {
    case WebProcess::wrapped: return console.detail(fmt::format("Found: web: {}", command));
    case WebProcess::unwrapped:
      return console.warning(
          fmt::format("The web process does not start through the service mesh, so requests reach the\n"
                      "app unchecked. In the Procfile, replace\n  web: {}\nby\n  web: {}\n"
                      "and let the app listen on APP_PORT, because the mesh listens on PORT.",
                      command, wrapped(command)));
    case WebProcess::missing:
      return console.warning(
          "The Procfile has no web process. Requests are only checked by the service mesh where a web\n"
          "process starts through it.");
    case WebProcess::no_procfile:
      return console.warning(
          "This app has no Procfile, so its web process starts without the service mesh. Add a file\n"
          "named Procfile with the line above, beginning with \"web: \".");
  }
}

}  // namespace

ProcfileCheck check_app(const Path& app, Files& files) { return check_procfile(reader_of(app, files)); }

void advise(const ProcfileCheck& check, std::string_view took, Console& console) {
  console.step(
      fmt::format("Ensure that {0} is configured in your Procfile's web process to start your app, eg {0} "
                  "<app startup command>",
                  kBinaryName));
  console.detail(fmt::format("Checked the Procfile ({})", took));
  tell(check, console);
}

}  // namespace mesh::cedar
