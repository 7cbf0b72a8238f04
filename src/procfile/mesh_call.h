#pragma once

#include <optional>
#include <string>
#include <vector>

#include "procfile/app.h"
#include "procfile/finding.h"
#include "procfile/product.h"
#include "procfile/shell_commands.h"

namespace mesh::procfile {

// A mistake in a command, before its place and the line to write instead are known.
struct Slip {
  Problem problem;
  std::vector<std::string> words = {};    // for the gaps of the catalogue's sentence
  std::optional<Severity> severity = {};  // if it is not the catalogue's
};

// A command taken apart: A=1 exec mesh --port 1 -- npm start. What was only misspelled is put right.
struct MeshCall {
  std::vector<Token> assignments = {};  // those of "env" before the mesh too
  std::vector<Token> front = {};        // words before the mesh: "exec"
  std::optional<MeshName> name = {};    // nullopt: the command starts no mesh, and all of its words are the app's
  std::string directory = {};           // of the mesh's word, as written: "vendor/heroku-applink/bin/"
  std::vector<Token> flags = {};        // the mesh's own
  bool dashes = false;                  // a "--" ends them
  std::vector<Token> wrapped = {};      // the app's command
  std::vector<std::string> redirections = {};
  std::vector<Slip> slips = {};  // what was put right

  std::string text() const;  // as a shell takes it
};

// Precondition: the command has words. `scope` is what the shell knows before it.
MeshCall take_apart(const Command&, const Scope&, const App&);

// Whether the command starts a mesh, also by a misspelled name.
bool starts_mesh(const Command&, const Scope&);

// Whether a command only speaks of a mesh: "which heroku-applink-service-mesh".
bool speaks_of_mesh(const Command&);

// Puts right what a word processor made of a command: no-break spaces and curly quotes. Adds a slip for each kind.
std::string without_typography(std::string text, std::vector<Slip>&);

}  // namespace mesh::procfile
