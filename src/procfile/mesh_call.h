#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "procfile/product.h"
#include "procfile/shell_commands.h"

namespace mesh::procfile {

// A command that starts the mesh: A=1 mesh [flags] [--] wrapped ...
struct MeshCall {
  Command command;
  std::size_t mesh = 0;                    // indices into command.words
  std::optional<std::size_t> dashes = {};  // of the "--" that ends the mesh's flags
  std::size_t wrapped = 0;                 // of the app's program; the number of words when there is none
  std::vector<Token> assignments = {};     // those of the command and of "env" before the mesh
  MeshName name = {};
  Scope scope = {};                 // what the shell knows when the command starts
  std::vector<Command> later = {};  // the next commands in the text

  const std::vector<Token>& words() const { return command.words; }
  const Token& mesh_word() const { return command.words[mesh]; }
  bool has_command() const { return wrapped < command.words.size(); }
  bool has_flags() const { return flags_end() > mesh + 1; }
  std::size_t flags_end() const { return dashes.value_or(wrapped); }
};

// Every start of a mesh in these commands. `scope` is what the shell knows before the first of them.
std::vector<MeshCall> find_mesh_calls(const std::vector<Command>&, Scope scope);

// The word of a command that starts a mesh; nothing when it only speaks of one ("which", "echo").
std::optional<std::size_t> mesh_word_of(const Command&);

}  // namespace mesh::procfile
