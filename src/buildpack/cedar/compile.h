#pragma once

#include <optional>

#include "buildpack/base/failure.h"
#include "buildpack/cedar/record_store.h"
#include "buildpack/pipeline/build.h"

namespace mesh::buildpack::cedar {

// The arguments of bin/compile. Older build systems pass no ENV_DIR.
struct Directories {
  Path build;
  std::optional<Path> cache = {};
  std::optional<Path> env = {};
};

// Returns the store of a build's records, for both bin/compile and bin/report. Borrows the files.
RecordStore records_of(const Directories&, const Environment&, Files&);

// Does the work of bin/compile BUILD_DIR CACHE_DIR ENV_DIR: installs the mesh into the app, writes to the log, and leaves a
// record for bin/report. Failures: any of the catalogue; each is in the record, and none has been printed yet.
BuildOutcome compile(const Directories&, const BuildContext&, const World&);

}  // namespace mesh::buildpack::cedar
