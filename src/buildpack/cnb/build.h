#pragma once

#include <string_view>

#include "buildpack/base/failure.h"
#include "buildpack/cnb/inputs.h"
#include "buildpack/pipeline/build.h"
#include "buildpack/record/journal.h"

namespace mesh::buildpack::cnb {

// bin/build of a Cloud Native build: leaves the mesh in a layer of the image with its bills of materials, declares the
// processes that are to start behind it, and tells the log. `run_check` is the program that looks at a dyno's surroundings
// before the app starts, for this program's own architecture. Failures: any of the catalogue; each is in the record, and
// none has been printed yet.
BuildOutcome build(const Inputs&, std::string_view run_check, const BuildContext&, const World&, Journal&);

}  // namespace mesh::buildpack::cnb
