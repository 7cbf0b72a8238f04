#pragma once

#include <string_view>

#include "platform/files.h"

namespace mesh::buildpack {

// Begins the names of temporary directories, which are removed at the end of a build, or else by the next build.
inline constexpr std::string_view kStagingPrefix = ".heroku-integration-service-mesh.";

// Where an installation is prepared: a temporary directory inside the app's own, so that putting a file into its place is a
// rename. What killed builds of the same directory left of theirs is removed: only one build at a time has it. Failures:
// install::*.
Result<TemporaryDirectory> open_staging(const Path& app, Files&);

}  // namespace mesh::buildpack
