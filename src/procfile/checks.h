#pragma once

#include <optional>
#include <string>
#include <vector>

#include "procfile/app.h"
#include "procfile/mesh_call.h"
#include "procfile/ports.h"
#include "procfile/scripts.h"

namespace mesh::procfile {

// What the mesh runs, and where that listens.
struct Wrapped {
  struct Program {
    Leaf leaf;
    bool direct = false;  // the words of the call itself, not of a script that it starts
    Listening listening = {};
    bool is_given_port = false;  // a PORT of its own
  };
  std::vector<Program> programs = {};  // those that surely run in the foreground
  bool starts_mesh = false;
};

Wrapped wrapped_of(const MeshCall&, const Leaf&, const App&);

// Returns "server.js:4": where a source file of the program reads PORT and never APP_PORT. Nullopt if a port is named for
// the program, or no source is known to do so.
std::optional<std::string> place_that_reads_port(const Wrapped::Program&, const App&);

// The mistakes of a web process's call; also of a command without a mesh, of which only the ports are looked at.
std::vector<Slip> check_call(const MeshCall&, const Leaf&, const App&);

// What leaves the mesh in the text around a call: commands that start the app beside it.
std::vector<Slip> check_text_around(const MeshCall&, const Leaf&, const App&);

// The call without its mistakes, with a mesh if it has none; nullopt where the right line cannot be known for sure.
std::optional<MeshCall> corrected(MeshCall, const Leaf&, const App&);

// The command without the mesh, for a process that needs none. The same.
std::optional<MeshCall> without_mesh(MeshCall);

// Whether a command starts a server that listens on $PORT.
bool serves_public_port(const Leaf&, const App&);

}  // namespace mesh::procfile
