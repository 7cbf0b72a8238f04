#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/clock.h"
#include "platform/files.h"

namespace mesh {

// A program to run, and all that it gets to see: it inherits nothing.
struct Program {
  Path file;                                  // absolute
  std::vector<std::string> arguments = {};    // without the program's own name
  std::vector<std::string> environment = {};  // "NAME=value"
  Path directory = "/";                       // to run in
  Duration limit;                             // after which it is killed, and all it started
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

// The seam to other programs.
class Processes {
 public:
  virtual ~Processes() = default;

  // Runs a program to its end, without standard input. Whatever else it started ends with it. Failures: install::io-error
  // when it cannot be started; build::interrupted.
  virtual Result<ProgramEnd> run(const Program&) = 0;
};

// The first program of that name in a list of directories such as PATH holds. Relative ones do not count.
std::optional<Path> find_program(std::string_view name, std::string_view search_path, Files&);

}  // namespace mesh
