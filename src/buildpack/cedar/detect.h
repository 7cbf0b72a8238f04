#pragma once

#include "buildpack/base/failure.h"
#include "buildpack/pipeline/world.h"

namespace mesh::buildpack::cedar {

// Does the work of bin/detect BUILD_DIR: prints the buildpack's name. Like the upstream buildpacks, it applies to every app,
// because the app's owner added it. Failure: platform::build-directory.
Result<void> detect(const Path& build_directory, const World&);

}  // namespace mesh::buildpack::cedar
