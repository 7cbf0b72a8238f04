#include "cedar/advice.h"

#include <fmt/format.h>

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

void tell(const ProcfileCheck& check, Console& console) {
  const std::string command = text::printable_line(check.web_command, 200);
  switch (check.web) {
    case WebProcess::wrapped: return console.detail(fmt::format("Found: web: {}", command));
    case WebProcess::unwrapped:
      return console.warning(fmt::format("The web process does not start through the service mesh, so requests reach the\n"
                                         "app unchecked. In the Procfile, replace\n  web: {}\nby\n  web: {} {}",
                                         command, kBinaryName, command));
    case WebProcess::missing:
      return console.warning("The Procfile has no web process. Requests are only checked by the service mesh where a web\n"
                             "process starts through it.");
    case WebProcess::no_procfile:
      return console.warning("This app has no Procfile, so its web process starts without the service mesh. Add a file\n"
                             "named Procfile with the line above, beginning with \"web: \".");
  }
}

}  // namespace

ProcfileCheck check_app(const Path& app, Files& files) { return check_procfile(reader_of(app, files)); }

void advise(const ProcfileCheck& check, std::string_view took, Console& console) {
  console.step(fmt::format("Ensure that {0} is configured in your Procfile's web process to start your app, eg {0} "
                                 "<app startup command>",
                                 kBinaryName));
  console.detail(fmt::format("Checked the Procfile ({})", took));
  tell(check, console);
}

}  // namespace mesh::cedar
