#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/base/failure.h"
#include "buildpack/base/product.h"
#include "buildpack/release/request.h"
#include "buildpack/release/transport.h"
#include "platform/curl_http.h"
#include "platform/environment.h"
#include "platform/files.h"
#include "platform/trust_roots.h"

namespace mesh::buildpack {

// Whether a build goes on where it can: in spite of mistakes in the app, with the last good program when its source is out
// of reach, with one that failed its trial.
enum class Strictness { lenient, strict };

// Everything a build reads from its surroundings once it is known which product it installs.
struct Settings {
  ReleaseRequest release;
  TransportLimits limits;
  TrustRootSettings trust_roots;
  ProxySettings proxies;
  Strictness strictness = Strictness::lenient;
};

// The environment variables that are looked at. All others, and all files in ENV_DIR but those that are named below, change
// nothing: a config var called BUILD_DIR, HOME or PATH is the app's own business.
std::vector<std::string_view> known_environment_variables();

// The product that HEROKU_SERVICE_MESH_PRODUCT names, where it is set. Failures: config::invalid-product,
// config::unreadable.
Result<std::optional<Product>> read_product(const std::optional<Path>& env_directory, const Environment&, Files&);

// Returns the requested version, or "latest" if none is set. Returns a malformed one as one printable line without possible
// secrets. Failures: config::unreadable.
Result<std::string> read_requested_version(Product, const std::optional<Path>& env_directory, const Environment&, Files&);

// HEROKU_SERVICE_MESH_WRAP as it is written, for cnb::parse_wrap; empty where it is not set. Failures: config::unreadable.
Result<std::string> read_wrap(const std::optional<Path>& env_directory, const Environment&, Files&);

// From ENV_DIR (one file per config var) and the environment; where both have a setting, ENV_DIR wins. Time limits and
// trust roots come from the environment alone, as the platform sets them. Failures: config::*, each with the name of the
// variable.
Result<Settings> read_settings(Product, const std::optional<Path>& env_directory, const Environment&, Files&);

}  // namespace mesh::buildpack
