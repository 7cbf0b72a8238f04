#pragma once

#include <string_view>

#include "buildpack/base/architecture.h"
#include "buildpack/base/failure.h"
#include "buildpack/release/plan.h"
#include "platform/url.h"

namespace mesh::buildpack {

// Picks from the API's description of a release (GitHub REST API, "Get a release") the archive to install: the one with the
// usual name, else the only one that is named for the architecture. `api` is where the description came from; its rules
// for redirects hold for the addresses in it. Failures: resolve::bad-response; resolve::no-asset, resolve::ambiguous-asset
// (the detail lists what was there).
Result<Artifact> choose_asset(std::string_view release_json, Architecture, const Url& api);

}  // namespace mesh::buildpack
