#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "platform/curl_http.h"
#include "platform/environment.h"
#include "platform/files.h"
#include "platform/transport.h"
#include "platform/trust_roots.h"
#include "platform/url.h"

namespace mesh {

// Which release is asked for: the latest, or one by its tag.
struct RequestedVersion {
  std::string text = "latest";         // as the user wrote it, trimmed
  std::vector<std::string> tags = {};  // the spellings to try in this order; none for the latest

  bool is_latest() const { return tags.empty(); }
};

// The release that the app's settings ask for, and where it is to come from.
struct ReleaseRequest {
  std::string owner = "heroku";
  std::string project = "heroku-integration-service-mesh";
  RequestedVersion version = {};
  Url base;                        // stands for https://github.com
  std::optional<Url> api = {};     // stands for https://api.github.com; none where a mirror without one was named
  std::optional<Sha256> pin = {};  // of the archive
  std::string source;              // the report's service_mesh_source: github, mirror, file
};

// Everything a build reads from its surroundings, parsed once.
struct Settings {
  ReleaseRequest release;
  TransportLimits limits;
  TrustRootSettings trust_roots;
  ProxySettings proxies;
  bool strict = false;  // whether mistakes of the app that do no harm to the build end it
};

// The environment variables that are looked at. All others, and all files in ENV_DIR but those that are named below, change
// nothing: a config var called BUILD_DIR, HOME or PATH is the app's own business.
std::vector<std::string_view> known_environment_variables();

// From ENV_DIR (one file per config var) and the environment; where both have a setting, ENV_DIR wins. Time limits and
// trust roots come from the environment alone, as the platform sets them. Failures: config::*, each with the name of the
// variable.
Result<Settings> read_settings(const std::optional<Path>& env_directory, const Environment&, Files&);

// "latest", "v0.1.2", "0.1.2" or another tag; blanks and one pair of quotes around it do not count. Without a "v" the
// spelling with one is tried first; with one, the other comes second.
std::optional<RequestedVersion> parse_version(std::string_view);

// Whether a text can be the tag of a release here: letters, digits and ". _ + -", not starting with a mark.
bool is_tag(std::string_view);

}  // namespace mesh
