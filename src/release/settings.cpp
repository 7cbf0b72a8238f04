#include "release/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace mesh {
namespace {

constexpr std::string_view kVersion = "HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION";
constexpr std::string_view kOwner = "HEROKU_INTEGRATION_SERVICE_MESH_REPO_OWNER";
constexpr std::string_view kProject = "HEROKU_INTEGRATION_SERVICE_MESH_REPO_PROJECT";
constexpr std::string_view kBaseUrl = "HEROKU_INTEGRATION_SERVICE_MESH_BASE_URL";
constexpr std::string_view kApiUrl = "HEROKU_INTEGRATION_SERVICE_MESH_API_URL";
constexpr std::string_view kSha256 = "HEROKU_INTEGRATION_SERVICE_MESH_SHA256";

constexpr std::string_view kStrict = "HEROKU_SERVICE_MESH_STRICT";

constexpr std::size_t kMaxValueBytes = 8 * 1024;

// The settings of this buildpack and of the proxies: from ENV_DIR, else from the environment.
class Lookup {
 public:
  Lookup(const std::optional<Path>& directory, const Environment& environment, Files& files)
      : directory_(directory), environment_(environment), files_(files) {}

  // The value without surrounding blanks and line ends; nothing when it is unset or empty.
  Result<std::optional<std::string>> get(std::string_view name) const {
    TRY_ASSIGN(const std::optional<std::string> value, raw(name));
    if (!value) return std::optional<std::string>();
    const std::string_view trimmed = text::trim(*value);
    if (trimmed.find('\0') != std::string_view::npos) {
      return Failure{Reason::config_unreadable, fmt::format("{} holds a NUL byte", name)};
    }
    if (trimmed.empty()) return std::optional<std::string>();
    return std::optional<std::string>(trimmed);
  }

 private:
  Result<std::optional<std::string>> raw(std::string_view name) const {
    if (directory_ && files_.kind(*directory_ / name) != FileKind::missing) {
      auto content = files_.read(*directory_ / name, kMaxValueBytes);
      if (!content) return Failure{Reason::config_unreadable, fmt::format("{}: {}", name, content.failure().detail)};
      return std::optional<std::string>(*std::move(content));
    }
    return environment_.get(name);
  }

  const std::optional<Path>& directory_;
  const Environment& environment_;
  Files& files_;
};

bool only(std::string_view s, std::string_view marks) {
  return std::ranges::all_of(s, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  });
}

// GitHub: letters, digits and single hyphens inside, at most 39.
bool is_owner(std::string_view s) { return s.size() <= 39 && only(s, "-") && s.front() != '-' && s.back() != '-'; }

bool is_project(std::string_view s) { return s.size() <= 100 && only(s, "._-") && s != "." && s != ".."; }

bool looks_like_version(std::string_view s) {
  return !s.empty() && s.front() >= '0' && s.front() <= '9' && s.find('.') != std::string_view::npos;
}

Failure invalid(Reason reason, std::string_view name, std::string_view value) {
  return {reason, fmt::format("{}=\"{}\"", name, text::printable_line(text::redact_address(value), 120))};
}

Result<void> read_repository(const Lookup& lookup, ReleaseRequest& request) {
  TRY_ASSIGN(const auto owner, lookup.get(kOwner));
  TRY_ASSIGN(const auto project, lookup.get(kProject));
  if (owner && !is_owner(*owner)) return invalid(Reason::config_invalid_repository, kOwner, *owner);
  if (project && !is_project(*project)) return invalid(Reason::config_invalid_repository, kProject, *project);
  request.owner = owner.value_or(request.owner);
  request.project = project.value_or(request.project);
  return {};
}

Result<std::optional<Url>> read_url(const Lookup& lookup, std::string_view name) {
  TRY_ASSIGN(const auto value, lookup.get(name));
  if (!value) return std::optional<Url>();
  auto url = Url::parse(*value);
  if (!url || url->has_query_or_fragment()) return invalid(Reason::config_invalid_url, name, *value);
  return url;
}

Result<void> read_addresses(const Lookup& lookup, ReleaseRequest& request) {
  TRY_ASSIGN(auto base, read_url(lookup, kBaseUrl));
  TRY_ASSIGN(auto api, read_url(lookup, kApiUrl));
  request.source = !base ? "github" : base->is_file() ? "file" : "mirror";
  // A mirror is exclusive: GitHub's own API is not asked about what a mirror lacks.
  if (!base && !api) api = Url::parse("https://api.github.com");
  request.api = std::move(api);
  if (base) request.base = *std::move(base);
  return {};
}

Result<void> read_pin(const Lookup& lookup, ReleaseRequest& request) {
  TRY_ASSIGN(const auto value, lookup.get(kSha256));
  if (!value) return {};
  request.pin = Sha256::parse(*value);
  if (!request.pin) return invalid(Reason::config_invalid_sha256, kSha256, *value);
  return {};
}

Result<ReleaseRequest> read_release(const Lookup& lookup) {
  ReleaseRequest request{.base = *Url::parse("https://github.com"), .source = {}};
  TRY_ASSIGN(const auto version, lookup.get(kVersion));
  if (version) {
    auto requested = parse_version(*version);
    if (!requested) return invalid(Reason::config_invalid_version, kVersion, *version);
    request.version = *std::move(requested);
  }
  TRY(read_repository(lookup, request));
  TRY(read_addresses(lookup, request));
  TRY(read_pin(lookup, request));
  return request;
}

// "1" and what else people write for yes; anything else is no.
Result<bool> read_strict(const Lookup& lookup) {
  TRY_ASSIGN(const auto value, lookup.get(kStrict));
  constexpr std::array<std::string_view, 4> kYes = {"1", "true", "yes", "on"};
  return value && std::ranges::find(kYes, text::lower(*value)) != kYes.end();
}

// Seconds, decimals allowed, as curl takes them. What is no such number is left out: it was not meant for us.
std::optional<Duration> read_seconds(const Environment& environment, std::string_view name) {
  const auto value = environment.get(name);
  if (!value) return std::nullopt;
  double seconds = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), seconds);
  if (error != std::errc() || end != value->data() + value->size()) return std::nullopt;
  if (!std::isfinite(seconds) || seconds <= 0 || seconds > 86'400) return std::nullopt;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

TransportLimits read_limits(const Environment& environment) {
  TransportLimits limits;
  limits.connect = read_seconds(environment, "CURL_CONNECT_TIMEOUT").value_or(limits.connect);
  if (const auto total = read_seconds(environment, "CURL_TIMEOUT")) {
    limits.attempt = *total;
    limits.overall = *total;
  }
  return limits;
}

// The lower-case name wins, as in curl; the upper-case HTTP_PROXY is not read, because a web server sets it from a request
// header (CVE-2016-5385).
Result<ProxySettings> read_proxies(const Lookup& lookup) {
  const auto first = [&](std::initializer_list<std::string_view> names) -> Result<std::string> {
    for (const std::string_view name : names) {
      TRY_ASSIGN(auto value, lookup.get(name));
      if (value) return *std::move(value);
    }
    return std::string();
  };
  ProxySettings proxies;
  TRY_ASSIGN(proxies.for_https, first({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}));
  TRY_ASSIGN(proxies.for_http, first({"http_proxy", "all_proxy", "ALL_PROXY"}));
  TRY_ASSIGN(proxies.exceptions, first({"no_proxy", "NO_PROXY"}));
  return proxies;
}

}  // namespace

std::vector<std::string_view> known_environment_variables() {
  return {kVersion,   kOwner,        kProject,        kBaseUrl,       kApiUrl,
          kSha256,    kStrict,       "http_proxy",    "https_proxy",  "all_proxy",
          "no_proxy", "HTTPS_PROXY", "ALL_PROXY",     "NO_PROXY",     "CURL_TIMEOUT",
          "STACK",    "REQUEST_ID",  "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CONNECT_TIMEOUT"};
}

Result<Settings> read_settings(const std::optional<Path>& env_directory, const Environment& environment, Files& files) {
  // A directory that may not be searched looks empty, and a pin in it would count for nothing.
  if (env_directory && files.kind(*env_directory) == FileKind::directory) {
    const auto names = files.list(*env_directory);
    if (!names) return Failure{Reason::config_unreadable, names.failure().detail};
  }
  const Lookup lookup(env_directory, environment, files);
  TRY_ASSIGN(ReleaseRequest release, read_release(lookup));
  TRY_ASSIGN(ProxySettings proxies, read_proxies(lookup));
  TRY_ASSIGN(const bool strict, read_strict(lookup));
  return Settings{.release = std::move(release),
                  .limits = read_limits(environment),
                  .trust_roots = {environment.get("SSL_CERT_FILE"), environment.get("SSL_CERT_DIR")},
                  .proxies = std::move(proxies),
                  .strict = strict};
}

bool is_tag(std::string_view s) { return !s.empty() && s.size() <= 100 && only(s, "._+-") && only(s.substr(0, 1), ""); }

std::optional<RequestedVersion> parse_version(std::string_view text) {
  text = text::trim(text);
  if (text.size() >= 2 && text.front() == text.back() && (text.front() == '"' || text.front() == '\'')) {
    text = text::trim(text.substr(1, text.size() - 2));
  }
  RequestedVersion version{.text = std::string(text)};
  if (text::equals_ignoring_case(text, "latest")) return RequestedVersion{};
  if (!is_tag(text)) return std::nullopt;

  if (looks_like_version(text)) {
    version.tags = {"v" + std::string(text), std::string(text)};
  } else if (text.front() == 'v' && looks_like_version(text.substr(1))) {
    version.tags = {std::string(text), std::string(text.substr(1))};
  } else {
    version.tags = {std::string(text)};
  }
  return version;
}

}  // namespace mesh
