#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "platform/byte_source.h"
#include "platform/clock.h"
#include "platform/files.h"

namespace mesh {
inline namespace platform {

// A program to run, with its complete environment. It inherits nothing.
struct Program {
  Path file;                                  // absolute
  std::vector<std::string> arguments = {};    // without the program's own name
  std::vector<std::string> environment = {};  // "NAME=value"
  Path directory = "/";                       // the working directory
  ByteSource input = {};                      // standard input; /dev/null if empty
  Duration limit;                             // kills the program and its descendants; restarts with each piece of input
  std::size_t max_output = 64 * 1024;         // bytes to keep of each stream; the rest is dropped
};

// The exit status and the output of a program.
struct ProgramEnd {
  std::optional<int> exit_code = {};  // nullopt if a signal ended it
  int signal = 0;                     // the signal that ended it, or 0
  bool timed_out = false;             // it was killed at its limit
  std::string output = {};
  std::string errors = {};

  bool succeeded() const { return exit_code == 0; }
};

// Interface to other programs. Several threads may use it at a time.
class Processes {
 public:
  virtual ~Processes() = default;

  // Runs a program to its end, and kills its descendants then. The program need not read its whole input. Errors: io if it
  // cannot be started; cancelled if a signal arrives or the input stops; out_of_resources; and the input's. An input error
  // kills the program, so that it never sees the end of an incomplete input.
  virtual Result<ProgramEnd> run(const Program&) = 0;
};

// Returns the first program of this name in the directories of a PATH. Ignores relative directories.
std::optional<Path> find_program(std::string_view name, std::string_view search_path, Files&);

}  // namespace platform
}  // namespace mesh
