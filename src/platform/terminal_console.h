#pragma once

#include "platform/console.h"

namespace mesh {
inline namespace platform {

// Opens /dev/null for each of stdin, stdout and stderr that is closed, so that no other file gets its number and receives
// log lines. Call it before everything else.
void occupy_standard_streams();

// Prints by Heroku's build log conventions: steps and details on standard output, warnings (yellow) and errors (red) on
// standard error. It sets and resets the colour on every line, because the platform adds a prefix to each. It ignores write
// errors: a closed log does not fail a build.
class TerminalConsole final : public Console {
 public:
  void step(std::string_view line) override;
  void detail(std::string_view line) override;
  void warning(std::string_view lines) override;
  void error(std::string_view lines) override;
  void plain(std::string_view line) override;
};

}  // namespace platform
}  // namespace mesh
