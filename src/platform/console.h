#pragma once

#include <string_view>

namespace mesh {
inline namespace platform {

// Interface to the build log.
class Console {
 public:
  virtual ~Console() = default;

  // Prints a main step to standard output: "-----> <line>".
  virtual void step(std::string_view line) = 0;

  // Prints a detail of the last step to standard output: seven spaces and the line.
  virtual void detail(std::string_view line) = 0;

  // Print lines to standard error, each with the prefix " !     ".
  virtual void warning(std::string_view lines) = 0;
  virtual void error(std::string_view lines) = 0;

  // Prints a line unchanged to standard output.
  virtual void plain(std::string_view line) = 0;
};

}  // namespace platform
}  // namespace mesh
