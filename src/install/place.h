#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "platform/files.h"

namespace mesh {

// A file that is ready in a staging directory, and where in the app it belongs.
struct PlacedFile {
  Path staged;
  Path target;  // relative to the app's directory
  unsigned mode;
};

// Where in the app the files of the integration product go.
inline constexpr const char* kBinaryTarget = "vendor/heroku-integration/bin/heroku-integration-service-mesh";
inline constexpr const char* kProfileTarget = ".profile.d/heroku-integration-service-mesh.sh";

// Sourced by every dyno: puts the mesh on PATH, once, below the directory that is HOME at run time.
std::string profile_script();

// Moves all files to their places, or none: what was placed is taken back when a later one fails, and what stood there
// before is put back. Each move is atomic. Staging and app lie in one file system. Returns the targets at which a file of
// the app was replaced. Failures: install::path-conflict when a directory is in the way or a link leads out of the app;
// install::*.
Result<std::vector<Path>> place(const std::vector<PlacedFile>&, const Path& app, const Path& staging, Files&);

}  // namespace mesh
