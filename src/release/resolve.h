#pragma once

#include "base/result.h"
#include "platform/transport.h"
#include "release/plan.h"
#include "release/settings.h"

namespace mesh {

// The name of the file in a release, and of the program in it.
inline constexpr std::string_view kAssetName = "heroku-integration-service-mesh.tar.gz";
inline constexpr std::string_view kBinaryName = "heroku-integration-service-mesh";

// The processor architecture this program was built for, as releases and the report name it.
inline constexpr std::string_view kArchitecture =
#if defined(__x86_64__)
    "amd64";
#elif defined(__aarch64__)
    "arm64";
#endif

// Which release to install, without GitHub's API: its quota of 60 questions an hour is shared by all builds behind one
// address. A pinned version needs no question at all; the latest is where /releases/latest redirects to.
// Failures: resolve::*, network::*.
Result<Plan> resolve(const ReleaseRequest&, const Transport&);

// The same through the API, for releases whose file has another name than usual: asked about each release of the plan that
// was tried in vain. Failures: resolve::*, network::*.
Result<Plan> resolve_through_api(const ReleaseRequest&, const Plan& tried, const Transport&);

}  // namespace mesh
