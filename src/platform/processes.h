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

// A program to run, and all that it gets to see: it inherits nothing.
struct Program {
  Path file;                                  // absolute
  std::vector<std::string> arguments = {};    // without the program's own name
  std::vector<std::string> environment = {};  // "NAME=value"
  Path directory = "/";                       // to run in
  ByteSource input = {};                      // what it reads from standard input; none: it has nothing to read
  Duration limit;                             // after which it is killed, and all it started; anew with each piece of input
  std::size_t max_output = 64 * 1024;         // bytes of each stream that are kept; what follows is dropped
};

// How a program ended, and what it printed.
struct ProgramEnd {
  std::optional<int> exit_code = {};  // where it exited by itself
  int signal = 0;                     // that ended it, where one did
  bool timed_out = false;             // it was killed at its limit
  std::string output = {};
  std::string errors = {};

  bool succeeded() const { return exit_code == 0; }
};

// Interface to other programs. May be used by several threads at a time.
class Processes {
 public:
  virtual ~Processes() = default;

  // Runs a program to its end. Whatever else it started ends with it. What it does not want to read of its input is left.
  // Errors: io when it cannot be started; cancelled when a signal came or its input stops; out_of_resources; and the
  // input's, which kills it: it never sees the end of an input that has not come to its end.
  virtual Result<ProgramEnd> run(const Program&) = 0;
};

// The first program of that name in a list of directories such as PATH holds. Relative ones do not count.
std::optional<Path> find_program(std::string_view name, std::string_view search_path, Files&);

}  // namespace platform
}  // namespace mesh
