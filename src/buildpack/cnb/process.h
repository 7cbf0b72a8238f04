#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "buildpack/procfile/procfile.h"

namespace mesh::buildpack::cnb {

// A process type of the image. `args` are what a user's own arguments replace.
struct Process {
  std::string type;
  std::vector<std::string> command;  // not empty; looked up on PATH, without a shell
  std::vector<std::string> args = {};
  std::string working_directory = {};      // empty: the app's directory
  std::vector<std::string> exec_env = {};  // in which execution environments it exists; empty: in all
  bool is_default = false;
  // A command of a Buildpack API before 0.9: a shell evaluates each word of the command and the arguments.
  bool is_shell_with_arguments = false;

  bool operator==(const Process&) const = default;
};

// The process types of an image, as the lifecycle joins them from one buildpack after another (phase/builder.go,
// processMap): of each type the last, and one default at most. A default takes over from another; a type that is the default
// stops being it when it comes again without.
class ProcessList {
 public:
  void add(Process);

  const Process* find(std::string_view type) const;

  // By type; the default is marked.
  const std::vector<Process>& all() const& { return processes_; }
  std::vector<Process> all() && { return std::move(processes_); }

 private:
  void clear_default();

  std::vector<Process> processes_;
};

// The process type that heroku/procfile makes of a name in a Procfile: in lower case, "-" for "_".
std::string process_type(std::string_view procfile_name);

// What heroku/procfile makes of a Procfile: of each type the last, "bash -c" with the
// command as its argument. The default is web, or the only one there is.
ProcessList procfile_processes(const std::vector<procfile::Entry>&);

// One line for people, quoted as a shell takes it: mesh -- bash -c 'npm start'.
std::string command_line(const Process&);

}  // namespace mesh::buildpack::cnb
