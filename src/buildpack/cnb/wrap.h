#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "buildpack/base/failure.h"
#include "buildpack/base/product.h"
#include "buildpack/cnb/process.h"
#include "buildpack/procfile/app.h"

namespace mesh::buildpack::cnb {

// The process types that the buildpack starts behind the mesh (HEROKU_SERVICE_MESH_WRAP).
struct WrapChoice {
  std::vector<std::string> types = {};  // each once, as they are named; empty: no process is changed
};

// Parses process types separated by commas; ignores spaces. "off" (in any case) and an empty value choose none. No value
// chooses all: behind a mesh, a worker would listen on a port without traffic, and a release phase would never end.
// Failures: config::invalid-wrap, also for "1", "true", "on", "yes", "all" and "*", which are not process types.
Result<WrapChoice> parse_wrap(std::string_view text);

// The results for the chosen types.
struct Wrapping {
  std::vector<Process> processes = {};        // for this buildpack to declare; each starts the mesh
  std::vector<std::string> behind_mesh = {};  // the types that start the mesh because of this buildpack
  std::vector<std::string> notes = {};        // one sentence for each unchanged process
  std::vector<std::string> warnings = {};     // one sentence for each type that cannot be changed
};

// Puts the mesh in front of each chosen process. `args` stay arguments, so that a user's own still replace them; the rest is
// unchanged. The integration mesh starts its first argument; AppLink's uses the arguments before a "--" as its own.
//   ["bash", "-c"] ["npm start"]    ["heroku-applink-service-mesh", "--", "bash", "-c"] ["npm start"]
// A type can be one of an earlier buildpack, or else one of the Procfile. A process that already starts a mesh (also in its
// shell line, or in a script or package.json script that it runs) is unchanged, and is declared if no earlier buildpack
// declared it. A shell command with arguments is unchanged, with a warning. `app`: contains the scripts. `product`: the
// installed one.
Wrapping wrap(const ProcessList& declared, const WrapChoice&, Product product, const procfile::App& app);

// Returns whether a process starts a mesh, as above.
bool starts_mesh(const Process&, const procfile::App&);

// Returns the processes of the app's Procfile; none if it has no Procfile.
ProcessList procfile_of(const procfile::App&);

}  // namespace mesh::buildpack::cnb
