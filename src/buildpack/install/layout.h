#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/base/architecture.h"
#include "buildpack/base/failure.h"
#include "buildpack/base/product.h"
#include "platform/files.h"

namespace mesh::buildpack {

// Where in an app the files of a product go, as both upstream buildpacks have it; paths are relative to the app's directory.
struct Layout {
  Path directory;  // "vendor/heroku-applink/bin"
  Path binary;     // the program in it
  Path profile;    // ".profile.d/heroku-applink-service-mesh.sh"
};

Layout layout_of(Product);

// Sourced by every dyno: puts the mesh on PATH, once, below the directory that is HOME at run time.
std::string profile_script(Product);

// Further names for the program, links beside it: Procfiles in the wild call it by the other product's name, and by names
// that carry "latest" or a version and the architecture. `version` is empty where it is not known; one that cannot be part
// of a file's name (a tag with a slash in it) gives none.
std::vector<std::string> alias_names(Product, std::string_view version, Architecture);

// The program that an app brings itself, at the place where the buildpack would put it, relative to the app's directory. One
// that an earlier run of the buildpack put there in the same build does not count: it stands beside that run's profile
// script.
std::optional<Path> vendored_binary(Product, const Path& app, Files&);

// Begins the names of temporary directories, which are removed at the end of a build, or else by the next build.
inline constexpr std::string_view kStagingPrefix = ".heroku-integration-service-mesh.";

// Where an installation is prepared: a temporary directory inside the app's own, so that putting a file into its place is a
// rename. What killed builds of the same directory left of theirs is removed: only one build at a time has it. Failures:
// install::*.
Result<TemporaryDirectory> open_staging(const Path& app, Files&);

}  // namespace mesh::buildpack
