#pragma once

#include "base/result.h"
#include "cedar/world.h"
#include "record/record.h"

namespace mesh::cedar {

// The end of the log: how the app starts behind the mesh, and whether its Procfile says so. Advice never fails a build.
Result<void> advise(const Path& app, World&, Record&);

}  // namespace mesh::cedar
