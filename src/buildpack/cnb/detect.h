#pragma once

#include "buildpack/base/failure.h"
#include "buildpack/cnb/inputs.h"
#include "buildpack/pipeline/world.h"
#include "buildpack/record/journal.h"

namespace mesh::buildpack::cnb {

enum class Detection { applies, does_not_apply };

// Does the work of bin/detect: prints the buildpack's name. The buildpack applies to every app, because the app's owner
// added it, but not to a target that the mesh is not released for. It leaves the build plan empty: a provision that no
// buildpack requires would exclude it. Failure: platform::build-directory.
Result<Detection> detect(const Inputs&, const BuildContext&, const World&, Journal&);

}  // namespace mesh::buildpack::cnb
