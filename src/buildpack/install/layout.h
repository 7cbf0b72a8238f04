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

// The paths of a product's files in an app, as in both upstream buildpacks, relative to the app's directory.
struct Layout {
  Path directory;  // "vendor/heroku-applink/bin"
  Path binary;     // the mesh binary in it
  Path profile;    // ".profile.d/heroku-applink-service-mesh.sh"
};

Layout layout_of(Product);

// Returns the script that every dyno sources. It adds the mesh's directory to PATH once, relative to HOME at run time.
std::string profile_script(Product);

// Returns more names for the binary, for links beside it. Procfiles of existing apps use the other product's name, and names
// with "latest" or a version and the architecture. `version` is empty if unknown. A version that is invalid in a file name
// (a tag with a slash) adds no name.
std::vector<std::string> alias_names(Product, std::string_view version, Architecture);

// Returns the path of a vendored binary, relative to the app's directory: a binary that the app's repository contains where
// the buildpack would install it. Ignores a binary of an earlier run in the same build, which has a profile script.
std::optional<Path> vendored_binary(Product, const Path& app, Files&);

// The prefix of temporary directories. They are removed at the end of a build, or by the next build.
inline constexpr std::string_view kStagingPrefix = ".heroku-integration-service-mesh.";

// Creates a temporary directory inside the app's directory, so that the installation is a rename. Removes those of killed
// builds; only one build at a time uses an app's directory. Failures: install::*.
Result<TemporaryDirectory> open_staging(const Path& app, Files&);

}  // namespace mesh::buildpack
