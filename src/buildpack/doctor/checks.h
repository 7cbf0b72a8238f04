#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/doctor/mesh_call.h"
#include "buildpack/doctor/programs.h"
#include "buildpack/procfile/app.h"
#include "buildpack/procfile/procfile.h"

namespace mesh::buildpack::doctor {

// Finds a source that reads PORT, or listens on another port than the one to which the mesh forwards. Notes only: another
// file of the app may decide.
std::vector<Finding> check_source(const Program&, const AppPort&);

// Returns the assigned variable of the call that its own words use too early; empty without one.
std::string early_expansion(const MeshCall&, const Leaf&, const procfile::App&);

// Finds the mistakes of a web process's call and of the programs behind it, without their place.
std::vector<Finding> check_call(const MeshCall&, const std::vector<Program>&, const Leaf&, const procfile::App&);

// Finds commands around a call that start the app without the mesh, or take its port away.
std::vector<Finding> check_text_around(const MeshCall&, const Leaf&, const procfile::App&);

// Whether a command is "export APP_PORT = 3000", which a shell rejects.
bool is_malformed_export(const procfile::Command&);

// Whether a command starts a server that listens on $PORT.
bool serves_public_port(const Leaf&, const procfile::App&);

// Returns the call without its mistakes, with a mesh if it has none; nullopt where the right line cannot be known for sure.
std::optional<MeshCall> corrected(MeshCall, const Leaf&, const procfile::App&);

// Returns the command without the mesh, for a process that needs none; nullopt as above.
std::optional<MeshCall> without_mesh(MeshCall);

// Finds mistakes in the form of a Procfile: byte order mark, newlines, names, spaces, duplicates,
// and names and lines that Cloud Native builds change or refuse. The entries' commands are those to write; empty where they
// are not known.
std::vector<Finding> check_grammar(std::string_view text, const std::vector<procfile::Entry>&);

}  // namespace mesh::buildpack::doctor
