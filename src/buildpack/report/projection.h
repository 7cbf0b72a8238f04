#pragma once

#include "schema/build_record.h"

namespace mesh::buildpack {

// Returns the report of a build: every fact under its key, and the keys of status, step, durations and failure. Reports a
// running build as interrupted, because bin/report runs after the build.
Mapping project(const BuildRecord&);

}  // namespace mesh::buildpack
