#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/base/failure.h"
#include "buildpack/base/product.h"
#include "buildpack/release/config_vars.h"
#include "buildpack/release/request.h"
#include "buildpack/release/transport.h"
#include "platform/curl_http.h"
#include "platform/environment.h"
#include "platform/trust_roots.h"

namespace mesh::buildpack {

// Whether a build continues where it can: in spite of mistakes in the app, with the cached fallback if the release source is
// unreachable, with a mesh binary that failed its smoke test.
enum class Strictness { lenient, strict };

// Everything a build reads from its surroundings once it is known which product it installs.
struct Settings {
  ReleaseRequest release;
  TransportLimits limits;
  TrustRootSettings trust_roots;
  ProxySettings proxies;
  Strictness strictness = Strictness::lenient;
};

// Returns the names of the environment variables that settings come from. All others, and all other files in the directory
// of the config vars, change nothing: a config var called BUILD_DIR, HOME or PATH is the app's own.
std::vector<std::string_view> known_environment_variables();

// Returns the product that HEROKU_SERVICE_MESH_PRODUCT names, nullopt if it is unset. Failures: config::invalid-product,
// config::unreadable.
Result<std::optional<Product>> read_product(const ConfigVars&);

// Returns the requested version, or "latest" if none is set. Returns a malformed one as one printable line without possible
// secrets. Failures: config::unreadable.
Result<std::string> read_requested_version(Product, const ConfigVars&);

// Returns HEROKU_SERVICE_MESH_WRAP as it is written, for cnb::parse_wrap; empty if it is unset. Failures:
// config::unreadable.
Result<std::string> read_wrap(const ConfigVars&);

// Reads the settings of a product. Time limits and trust roots come from the environment only, because the platform sets
// them. Failures: config::*, each with the name of the variable.
Result<Settings> read_settings(Product, const ConfigVars&, const Environment&);

}  // namespace mesh::buildpack
