#pragma once

#include "platform/console.h"
#include "platform/files.h"
#include "procfile/procfile.h"

namespace mesh::cedar {

// Checks the Procfile of the app in this directory. A file that cannot be read counts as missing.
ProcfileCheck check_app(const Path& app, Files&);

// The end of the log: how the app starts behind the mesh, and whether its Procfile says so. `took` is how long the check
// took, in words.
void advise(const ProcfileCheck&, std::string_view took, Console&);

}  // namespace mesh::cedar
