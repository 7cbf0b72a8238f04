#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "buildpack/base/failure.h"
#include "buildpack/base/product.h"
#include "buildpack/cnb/process.h"
#include "buildpack/procfile/app.h"

namespace mesh::buildpack::cnb {

// Which process types are to start behind the mesh without their developers writing so: HEROKU_SERVICE_MESH_WRAP.
struct WrapChoice {
  std::vector<std::string> types = {};  // each once, as they were named; none: no process is changed
};

// "off" (in any case) and nothing at all choose none. Else process types with commas between them; blanks do not count.
// There is no word for all of them: behind a mesh a worker listens on a port that nobody routes to, and a release phase
// never ends. Failures: config::invalid-wrap, also for "1", "true", "on", "yes", "all" and "*", which name no type.
Result<WrapChoice> parse_wrap(std::string_view text);

// What becomes of the chosen types.
struct Wrapping {
  std::vector<Process> processes = {};        // to be declared by this buildpack: each starts the mesh
  std::vector<std::string> behind_mesh = {};  // the types of those that got the mesh here
  std::vector<std::string> notes = {};        // what was left alone and why: a sentence each
  std::vector<std::string> warnings = {};     // what could not be done: a sentence each
};

// The mesh in front of each chosen process. `args` stay arguments, so that a user's own still replace them; all else stays
// as it is. The integration mesh starts its first argument; AppLink's takes those in front of a "--" for its own.
//   ["bash", "-c"] ["npm start"]    ["heroku-applink-service-mesh", "--", "bash", "-c"] ["npm start"]
// The processes to choose from are those that earlier buildpacks declared, and those of the Procfile whose types they did
// not declare. A process that starts a mesh already, also in its shell line, in a script or in a package.json script that it
// runs, stays as it is; it is declared if no earlier buildpack did. A shell command with arguments stays too, with a
// warning. `app` is where scripts are read; `product` is what is installed.
Wrapping wrap(const ProcessList& declared, const WrapChoice&, Product product, const procfile::App& app);

// Reports whether a process starts a mesh, as above.
bool starts_mesh(const Process&, const procfile::App&);

// Returns the processes of the app's Procfile; none if it has no Procfile.
ProcessList procfile_of(const procfile::App&);

}  // namespace mesh::buildpack::cnb
