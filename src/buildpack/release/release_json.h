#pragma once

#include <string_view>

#include "buildpack/base/architecture.h"
#include "buildpack/base/failure.h"
#include "buildpack/release/plan.h"
#include "platform/url.h"

namespace mesh::buildpack {

// Chooses the archive to install from the API's description of a release (GitHub REST API, "Get a release"): the one with
// the usual name, else the only one named for the architecture. `api` is the URL of the description; its redirect rules
// apply to the URLs in it. Failures: resolve::bad-response, resolve::no-asset, resolve::ambiguous-asset (the detail lists
// the assets).
Result<Artifact> choose_asset(std::string_view release_json, Architecture, const Url& api);

}  // namespace mesh::buildpack
