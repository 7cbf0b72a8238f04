#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/product.h"
#include "base/result.h"
#include "cnb/process.h"
#include "procfile/app.h"

namespace mesh::cnb {

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
  std::vector<Process> processes = {};     // those that start the mesh now, to be declared once more
  std::vector<std::string> notes = {};     // what was left alone and why: a sentence each
  std::vector<std::string> warnings = {};  // what could not be done: a sentence each
};

// The mesh in front of each chosen process. `args` stay arguments, so that a user's own still replace them; all else stays
// as it is. The integration mesh starts its first argument; AppLink's takes those in front of a "--" for its own.
//   ["bash", "-c"] ["npm start"]    ["heroku-applink-service-mesh", "--", "bash", "-c"] ["npm start"]
// A process that starts a mesh already, also in its shell line, in a script or in a package.json script that it runs, is
// left alone. `app` is where those are read; `product` is what is installed.
Wrapping wrap(const ProcessList&, const WrapChoice&, Product product, const procfile::App& app);

// The processes to choose from: the earlier buildpacks', and those of the app's Procfile whose types they did not declare,
// for the case that no earlier buildpack reads it.
ProcessList with_procfile(ProcessList earlier, const procfile::App&);

}  // namespace mesh::cnb
