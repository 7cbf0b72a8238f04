#pragma once

#include "buildpack/base/failure.h"
#include "buildpack/pipeline/world.h"

namespace mesh::buildpack::cedar {

// bin/detect BUILD_DIR: prints the buildpack's name. It applies to every app, as upstream's does: whoever adds it wants it.
// Failure: platform::build-directory.
Result<void> detect(const Path& build_directory, const World&);

}  // namespace mesh::buildpack::cedar
