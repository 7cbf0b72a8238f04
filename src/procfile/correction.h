#pragma once

#include <optional>

#include "procfile/app.h"
#include "procfile/mesh_call.h"
#include "procfile/scripts.h"

namespace mesh::procfile {

// Returns the call without its mistakes, with a mesh if it has none; nullopt where the right line cannot be known for sure.
std::optional<MeshCall> corrected(MeshCall, const Leaf&, const App&);

// Returns the command without the mesh, for a process that needs none; nullopt as above.
std::optional<MeshCall> without_mesh(MeshCall);

}  // namespace mesh::procfile
