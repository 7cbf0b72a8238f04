#pragma once

#include <string_view>

#include "procfile/draft.h"
#include "procfile/mesh_call.h"

namespace mesh::procfile {

// How the mesh is called, by the rules of the product that is installed: its name, its flags, and what it is given to start.
// `text` is the one that the call stands in.
Drafts check_call(const MeshCall&, std::string_view text, const Surroundings&);

// Whether the app's program, from this word on, goes to the background.
Drafts check_sleepy(const std::vector<Token>& words, std::size_t from);

// Whether this program may follow another one without being the app: "exit", "wait".
bool is_ending(std::string_view word);

// A finding in the script of "sh -c", as one of the command that holds the script. It loses edits that cannot be written
// within the script's quotes.
Draft seen_from_outside(Draft, const Token& script, const Command&);

// What takes the mesh out of a command: for processes that are not web.
std::vector<Edit> without_mesh(const MeshCall&);

}  // namespace mesh::procfile
