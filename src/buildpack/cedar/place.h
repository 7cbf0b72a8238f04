#pragma once

#include <string>
#include <vector>

#include "buildpack/base/failure.h"
#include "platform/files.h"

namespace mesh::buildpack {

// A file or link in a staging directory and its place in the app.
struct PlacedFile {
  enum class Kind { file, alias };

  Path staged;
  Path target;  // relative to the app's directory
  unsigned mode;
  Kind kind = Kind::file;
};

// Files of the app that were in the way, by their targets.
struct Placed {
  std::vector<Path> replaced;  // by the placed file
  std::vector<Path> kept;      // in the place of an alias
};

// Moves all files to their places, or none: if one fails, the placed ones are removed and the replaced ones restored. Each
// move is atomic. Staging and app must be in one file system. An alias replaces only a link; if anything else is in its
// place, the alias is left out. Failures: install::path-conflict if a directory is in the way or a link leads out of the
// app; install::*.
Result<Placed> place(const std::vector<PlacedFile>&, const Path& app, const Path& staging, Files&);

}  // namespace mesh::buildpack
