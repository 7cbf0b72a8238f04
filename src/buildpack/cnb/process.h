#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "buildpack/procfile/procfile.h"

namespace mesh::buildpack::cnb {

// A process type of the image. A user's own arguments replace `args`.
struct Process {
  std::string type;
  std::vector<std::string> command;  // not empty; looked up on PATH, without a shell
  std::vector<std::string> args = {};
  std::string working_directory = {};      // empty: the app's directory
  std::vector<std::string> exec_env = {};  // its execution environments; empty: all
  bool is_default = false;
  // Whether this is a command of a Buildpack API before 0.9: a shell evaluates each word of the command and the arguments.
  bool is_shell_with_arguments = false;

  bool operator==(const Process&) const = default;
};

// The process types of an image, joined from the buildpacks in their order, as in the lifecycle (phase/builder.go,
// processMap): the last one of each type, and at most one default. A new default replaces the previous one. A default type
// that is declared again without being the default is not the default any more.
class ProcessList {
 public:
  void add(Process);

  const Process* find(std::string_view type) const;

  // Returns the processes sorted by type; the default is marked.
  const std::vector<Process>& all() const& { return processes_; }
  std::vector<Process> all() && { return std::move(processes_); }

 private:
  void clear_default();

  std::vector<Process> processes_;
};

// Returns the process type that heroku/procfile declares for a name in a Procfile: in lower case, with "-" for "_".
std::string process_type(std::string_view procfile_name);

// Returns the processes that heroku/procfile declares for a Procfile: the last one of each type, "bash -c" with the command
// as its argument. The default is web, or the only process.
ProcessList procfile_processes(const std::vector<procfile::Entry>&);

// Returns one line for people, quoted for a shell: mesh -- bash -c 'npm start'.
std::string command_line(const Process&);

}  // namespace mesh::buildpack::cnb
