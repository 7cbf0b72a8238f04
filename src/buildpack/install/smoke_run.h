#pragma once

#include <optional>
#include <string>

#include "buildpack/base/failure.h"
#include "buildpack/base/product.h"
#include "platform/files.h"
#include "platform/processes.h"

namespace mesh::buildpack {

// The result of a smoke test.
struct SmokeRun {
  bool passed = false;
  std::string outcome = {};                 // one short line: "it exited with status 3: no such option"
  std::optional<std::string> version = {};  // from its output: "v1.2.3"
};

// Starts the new binary once, in an empty environment. AppLink's binary prints its version; Integration's has no such
// option, and runs a command that ends immediately. Failure: build::interrupted.
Result<SmokeRun> smoke_run(Product, const Path& binary, Files&, Processes&);

}  // namespace mesh::buildpack
