#pragma once

#include "buildpack/base/failure.h"
#include "buildpack/cnb/inputs.h"
#include "buildpack/pipeline/world.h"
#include "buildpack/record/journal.h"

namespace mesh::buildpack::cnb {

enum class Detection { applies, does_not_apply };

// bin/detect of a Cloud Native build: prints the buildpack's name. It applies to every app, as on the classic build system:
// whoever adds it wants it; only for a target that the mesh is not released for it does not. It asks nothing of the build
// plan: what nobody requires would have it left out. Failure: platform::build-directory.
Result<Detection> detect(const Inputs&, const BuildContext&, const World&, Journal&);

}  // namespace mesh::buildpack::cnb
