#pragma once

#include <string_view>

namespace mesh {
inline namespace platform {

// The seam to the build log.
class Console {
 public:
  virtual ~Console() = default;

  // A main step, on standard output: "-----> <line>".
  virtual void step(std::string_view line) = 0;

  // What belongs to the step above, on standard output: seven blanks, then the line.
  virtual void detail(std::string_view line) = 0;

  // Lines that should be seen, on standard error, each behind " !     ".
  virtual void warning(std::string_view lines) = 0;
  virtual void error(std::string_view lines) = 0;

  // A line as it is, on standard output.
  virtual void plain(std::string_view line) = 0;
};

}  // namespace platform
}  // namespace mesh
