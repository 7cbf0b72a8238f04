#pragma once

#include <optional>

#include "buildpack/base/product.h"
#include "platform/files.h"

namespace mesh::buildpack {

// The program that an app brings itself, at the place where the buildpack would put it, relative to the app's directory. One
// that an earlier run of the buildpack put there in the same build does not count: it stands beside that run's profile
// script.
std::optional<Path> vendored_binary(Product, const Path& app, Files&);

}  // namespace mesh::buildpack
