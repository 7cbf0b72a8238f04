#pragma once

#include "platform/console.h"

namespace mesh {
inline namespace platform {

// Opens /dev/null for each of stdin, stdout and stderr that is closed, so that no file of ours takes its number and then
// what was said to people. Called first of all.
void occupy_standard_streams();

// Heroku's build log conventions: steps and details on standard output, warnings (yellow) and errors (red) on standard
// error, the colour set and reset on every line because each gets a prefix on its way to the user. What cannot be written
// is dropped: a closed log does not fail a build.
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
