#pragma once

#include <optional>
#include <string>
#include <vector>

#include "buildpack/doctor/finding.h"
#include "buildpack/doctor/product.h"
#include "buildpack/procfile/app.h"
#include "buildpack/procfile/shell_commands.h"

namespace mesh::buildpack::doctor {

// A command taken apart: A=1 exec mesh --port 1 -- npm start. A misspelled part is corrected.
struct MeshCall {
  std::vector<procfile::Token> assignments = {};  // those of "env" before the mesh too
  std::vector<procfile::Token> front = {};        // words before the mesh: "exec"
  std::optional<MeshName> name = {};              // nullopt: the command starts no mesh, and all of its words are the app's
  std::string directory = {};                     // of the mesh's word, as written: "vendor/heroku-applink/bin/"
  std::vector<procfile::Token> flags = {};        // the mesh's own
  bool dashes = false;                            // a "--" ends them
  std::vector<procfile::Token> wrapped = {};      // the app's command
  std::vector<std::string> redirections = {};
  std::vector<Finding> findings = {};  // the misspelled parts, without their place

  std::string text() const;                   // as a shell takes it
  bool is_quoted_command() const;             // the app's command is one argument in quotes, meant as a whole command
  const procfile::Token* first_flag() const;  // of the app's command, before "--"; nullptr if it has none
  bool unquote();                             // takes a quoted command apart; false if it is more than a simple one
};

// Parses a command that has words. `scope` contains the shell's variables before it.
MeshCall take_apart(const procfile::Command&, const procfile::Scope&, const procfile::App&);

// Returns the mesh's port flag without a value; the end of the flags if each has one.
std::vector<procfile::Token>::const_iterator port_flag_without_value(const std::vector<procfile::Token>& flags);

// Whether the command starts a mesh, also by a misspelled name.
bool starts_mesh(const procfile::Command&, const procfile::Scope&);

// Whether a command only names a mesh: "which heroku-applink-service-mesh".
bool only_names_mesh(const procfile::Command&);

struct PlainCommand {
  std::string text;
  std::vector<Finding> findings = {};  // one for each kind of text that was replaced
};

// Replaces the characters that a word processor puts into a command: no-break spaces and curly quotes. Writes variables of
// Windows as a POSIX shell reads them.
PlainCommand without_typography(const std::string& text);

}  // namespace mesh::buildpack::doctor
