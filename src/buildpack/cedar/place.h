#pragma once

#include <string>
#include <vector>

#include "buildpack/base/failure.h"
#include "platform/files.h"

namespace mesh::buildpack {

// A file or link that is ready in a staging directory, and where in the app it belongs.
struct PlacedFile {
  enum class Kind { file, alias };

  Path staged;
  Path target;  // relative to the app's directory
  unsigned mode;
  Kind kind = Kind::file;
};

// What became of files of the app, by their targets.
struct Placed {
  std::vector<Path> replaced;  // they gave way
  std::vector<Path> kept;      // they stand where an alias would have been
};

// Moves all files to their places, or none: what was placed is taken back when a later one fails, and what stood there
// before is put back. Each move is atomic. Staging and app lie in one file system. An alias takes the place of another link,
// never that of anything else: then it is left out. Failures: install::path-conflict when a directory is in the way or a
// link leads out of the app; install::*.
Result<Placed> place(const std::vector<PlacedFile>&, const Path& app, const Path& staging, Files&);

}  // namespace mesh::buildpack
