#pragma once

#include "schema/build_record.h"

namespace mesh::buildpack {

// What the report says of a build: every fact under its key, and status, step, durations and failure spelled out. A build
// that still counts as running was killed: bin/report is called when it is over.
Mapping project(const BuildRecord&);

}  // namespace mesh::buildpack
