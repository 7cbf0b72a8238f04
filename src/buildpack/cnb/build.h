#pragma once

#include <string_view>

#include "buildpack/base/failure.h"
#include "buildpack/cnb/inputs.h"
#include "buildpack/pipeline/build.h"
#include "buildpack/record/journal.h"

namespace mesh::buildpack::cnb {

// Does the work of bin/build: puts the mesh and its SBOMs into a layer of the image, declares the processes that start
// behind the mesh, and writes to the log. `run_check`: mesh-check for the architecture of this helper. Failures: any of the
// catalogue; each is in the record, and none has been printed yet.
BuildOutcome build(const Inputs&, std::string_view run_check, const BuildContext&, const World&, Journal&);

}  // namespace mesh::buildpack::cnb
