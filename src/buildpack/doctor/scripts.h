#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/doctor/servers.h"
#include "buildpack/procfile/app.h"
#include "buildpack/procfile/shell_commands.h"

namespace mesh::buildpack::doctor {

// A shell text of the app, and where it is.
struct Source {
  std::string file;  // "Procfile", "start.sh"
  std::string text;
  std::optional<std::size_t> line = {};  // of all of it; nullopt if the text's own lines count
  std::string lead = {};                 // in front of it in that line: "web: "
  bool in_json = false;                  // the file writes it as a string of JSON
  std::string directory = {};            // where it runs, as a path inside the app
  bool nested = false;                   // it is in quotes, behind "sh -c"
};

// A command that the app runs: the end of a chain of scripts.
struct Leaf {
  procfile::Command command;
  Started started;                       // of the command's words
  procfile::Scope scope;                 // what the shell knows when the command starts
  std::shared_ptr<const Source> source;  // that it is in
  bool conditional = false;              // it may be passed over, or a script before it may

  std::string place() const;                         // "start.sh:4"
  std::vector<procfile::Token> assignments() const;  // of the command, and of "env" in it
};

// The commands that a text runs, with the scripts of the app that it starts: shell scripts, "sh -c SCRIPT" and scripts of
// package.json. A command that starts a mesh ends the walk.
struct Walk {
  std::vector<Leaf> leaves = {};
  bool unknown = false;             // something could not be followed
  std::string_view construct = {};  // the first thing in the text that is more than simple commands
};

Walk walk(const Source&, const procfile::Scope&, const procfile::App&);

// Does the same for a single command: "npm start" of "mesh npm start". `scope` is what the program sees.
Walk walk_command(const procfile::Command&, const std::shared_ptr<const Source>&, const procfile::Scope& scope,
                  const procfile::App&);

// Whether a process starts a mesh itself, in a branch at least, or in a script of the app that it runs.
bool process_starts_mesh(const std::vector<std::string>& words, const procfile::App&);

}  // namespace mesh::buildpack::doctor
