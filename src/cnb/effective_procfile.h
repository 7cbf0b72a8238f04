#pragma once

#include <vector>

#include "cnb/process.h"
#include "procfile/app.h"

namespace mesh::cnb {

// The app as the doctor is to see it: with a Procfile that says how its processes really start. Lines of processes that were
// wrapped have the mesh in front; what the buildpacks before declared besides follows at the end.
procfile::App with_effective_procfile(const procfile::App&, const ProcessList& declared,
                                      const std::vector<Process>& wrapped);

}  // namespace mesh::cnb
