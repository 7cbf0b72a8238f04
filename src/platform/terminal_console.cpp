#include "platform/terminal_console.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>
#include <string>

#include "common/text.h"

namespace mesh {
inline namespace platform {
namespace {

constexpr std::string_view kYellow = "\x1b[1;33m";
constexpr std::string_view kRed = "\x1b[1;31m";
constexpr std::string_view kReset = "\x1b[0m";

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Writes all lines at once, so that they stay together if several processes write into one log.
void write_marked(std::string_view colour, std::string_view lines) {
  std::string text;
  for (const std::string_view line : text::split(lines, '\n')) {
    text += fmt::format("{} !{}{}{}\n", colour, line.empty() ? "" : "     ", line, kReset);
  }
  write_all(STDERR_FILENO, text);
}

}  // namespace

void occupy_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // open() returns the lowest free number, which is this one, because the lower ones are open.
    if (::fcntl(stream, F_GETFD) < 0) static_cast<void>(::open("/dev/null", O_RDWR));
  }
}

void TerminalConsole::step(std::string_view line) { write_all(STDOUT_FILENO, fmt::format("-----> {}\n", line)); }
void TerminalConsole::detail(std::string_view line) { write_all(STDOUT_FILENO, fmt::format("       {}\n", line)); }
void TerminalConsole::warning(std::string_view lines) { write_marked(kYellow, lines); }
void TerminalConsole::error(std::string_view lines) { write_marked(kRed, lines); }
void TerminalConsole::plain(std::string_view line) { write_all(STDOUT_FILENO, fmt::format("{}\n", line)); }

}  // namespace platform
}  // namespace mesh
