#pragma once

#include <optional>
#include <string>

#include "buildpack/base/failure.h"
#include "buildpack/base/product.h"
#include "platform/files.h"
#include "platform/processes.h"

namespace mesh::buildpack {

// How a program did when it was started for a trial.
struct SmokeRun {
  bool passed = false;
  std::string what_happened = {};           // one short line: "it exited with 3: no such option"
  std::optional<std::string> version = {};  // that it said it is: "v1.2.3"
};

// Starts the new program once, in an environment of its own: AppLink's is asked for its version; integration's, which has no
// such question, is given a command that ends at once. Failure: build::interrupted.
Result<SmokeRun> smoke_run(Product, const Path& binary, Files&, Processes&);

}  // namespace mesh::buildpack
