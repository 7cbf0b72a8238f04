#include "buildpack/release/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "buildpack/base/fingerprint.h"
#include "common/text.h"

namespace mesh::buildpack {
namespace {

constexpr std::string_view kProduct = "HEROKU_SERVICE_MESH_PRODUCT";
constexpr std::string_view kStrict = "HEROKU_SERVICE_MESH_STRICT";
constexpr std::string_view kWrap = "HEROKU_SERVICE_MESH_WRAP";

constexpr std::string_view kOwner = "HEROKU_INTEGRATION_SERVICE_MESH_REPO_OWNER";
constexpr std::string_view kProject = "HEROKU_INTEGRATION_SERVICE_MESH_REPO_PROJECT";
constexpr std::string_view kApiUrl = "HEROKU_INTEGRATION_SERVICE_MESH_API_URL";
constexpr std::string_view kToken = "HEROKU_INTEGRATION_SERVICE_MESH_GITHUB_TOKEN";

constexpr std::string_view kBucket = "HEROKU_APPLINK_SERVICE_MESH_S3_BUCKET";
constexpr std::string_view kRegion = "HEROKU_APPLINK_SERVICE_MESH_S3_REGION";
constexpr std::string_view kFingerprint = "HEROKU_APPLINK_SERVICE_MESH_PUBLIC_KEY_FINGERPRINT";

// The settings that both products have, each under its own prefix.
struct CommonNames {
  std::string_view version;
  std::string_view base_url;
  std::string_view sha256;
};
constexpr std::array<CommonNames, 2> kCommonNames = {{
    {"HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION", "HEROKU_INTEGRATION_SERVICE_MESH_BASE_URL",
     "HEROKU_INTEGRATION_SERVICE_MESH_SHA256"},
    {"HEROKU_APPLINK_SERVICE_MESH_RELEASE_VERSION", "HEROKU_APPLINK_SERVICE_MESH_BASE_URL",
     "HEROKU_APPLINK_SERVICE_MESH_SHA256"},
}};

const CommonNames& common_names(Product product) { return kCommonNames[static_cast<std::size_t>(product)]; }

// GitHub: letters, digits and single hyphens inside, at most 39.
bool is_owner(std::string_view s) {
  return s.size() <= 39 && text::is_alphanumeric_or("-", s) && s.front() != '-' && s.back() != '-';
}

bool is_project(std::string_view s) {
  return s.size() <= 100 && text::is_alphanumeric_or("._-", s) && s != "." && s != "..";
}

// Amazon S3 user guide, "General purpose bucket naming rules".
bool is_bucket(std::string_view s) {
  const auto is_mark = [](char c) { return c == '.' || c == '-'; };
  return s.size() >= 3 && s.size() <= 63 && s == text::lower(s) && text::is_alphanumeric_or(".-", s) &&
         !is_mark(s.front()) && !is_mark(s.back()) && s.find("..") == std::string_view::npos;
}

Failure invalid_address(std::string_view name, std::string_view value) {
  return {Reason::config_invalid_url,
          fmt::format("{}=\"{}\"", name, text::printable_line(text::redact_address(value), 120))};
}

// Redacts a value that looks like an address or a part of one: credentials before an "@", or a query with names and values.
// Returns any other value unchanged.
std::string without_secret(std::string_view value) {
  const std::size_t query = value.find('?');
  const bool is_address_like = value.find("://") != std::string_view::npos || value.find('@') != std::string_view::npos ||
                               (query != std::string_view::npos && value.find('=', query) != std::string_view::npos);
  return is_address_like ? text::redact_address(value) : std::string(value);
}

Failure invalid(Reason reason, std::string_view name, std::string_view value) {
  const std::string shown = without_secret(value);
  const std::string_view remark = shown.size() < value.size() ? " (the rest is not shown, because it may be a secret)" : "";
  return {reason, fmt::format("{}=\"{}\"{}", name, text::printable_line(shown, 120), remark)};
}

Result<std::optional<Url>> read_url(const ConfigVars& vars, std::string_view name) {
  TRY_ASSIGN(const auto value, vars.get(name));
  if (!value) return std::optional<Url>();
  auto url = Url::parse(*value);
  if (!url || url->has_query_or_fragment()) return invalid_address(name, *value);
  return url;
}

// Reads the token. Rejects characters that could end the header in which it is sent.
Result<std::optional<std::string>> read_token(const ConfigVars& vars) {
  TRY_ASSIGN(auto token, vars.get(kToken));
  if (token && !std::ranges::all_of(*token, [](char c) { return c > ' ' && c < '\x7F'; })) {
    return Failure{Reason::config_invalid_token, std::string(kToken)};
  }
  return token;
}

Result<Repository> read_repository(const ConfigVars& vars, bool has_mirror) {
  Repository repository;
  TRY_ASSIGN(const auto owner, vars.get(kOwner));
  TRY_ASSIGN(const auto project, vars.get(kProject));
  if (owner && !is_owner(*owner)) return invalid(Reason::config_invalid_repository, kOwner, *owner);
  if (project && !is_project(*project)) return invalid(Reason::config_invalid_repository, kProject, *project);
  repository.owner = owner.value_or(repository.owner);
  repository.project = project.value_or(repository.project);
  TRY_ASSIGN(repository.api, read_url(vars, kApiUrl));
  // A mirror is exclusive: the buildpack sends no requests to GitHub's API for a mirror.
  if (!repository.api && !has_mirror) repository.api = Url::parse("https://api.github.com");
  TRY_ASSIGN(repository.token, read_token(vars));
  return repository;
}

Result<Bucket> read_bucket(const ConfigVars& vars, std::optional<std::string_view> mirror) {
  Bucket bucket;
  TRY_ASSIGN(const auto name, vars.get(kBucket));
  TRY_ASSIGN(const auto region, vars.get(kRegion));
  if (name && !is_bucket(*name)) return invalid(Reason::config_invalid_bucket, kBucket, *name);
  if (region && !is_region(*region)) return invalid(Reason::config_invalid_bucket, kRegion, *region);
  if (mirror && (name || region)) {
    return Failure{Reason::config_conflicting, fmt::format("{} and {}", *mirror, name ? kBucket : kRegion)};
  }
  bucket.name = name.value_or(bucket.name);
  bucket.region = region.value_or(bucket.region);
  return bucket;
}

Result<std::vector<std::string>> read_fingerprints(const ConfigVars& vars) {
  std::vector<std::string> fingerprints;
  TRY_ASSIGN(const auto value, vars.get(kFingerprint));
  if (!value) return fingerprints;
  for (const std::string_view part : text::split(*value, ',')) {
    auto fingerprint = parse_fingerprint(part);
    if (!fingerprint) return invalid(Reason::config_invalid_fingerprint, kFingerprint, *value);
    fingerprints.push_back(*std::move(fingerprint));
  }
  return fingerprints;
}

Result<TrustSettings> read_trust(const ConfigVars& vars, Product product) {
  TrustSettings trust;
  const std::string_view name = common_names(product).sha256;
  TRY_ASSIGN(const auto value, vars.get(name));
  if (value) trust.pin = Sha256::parse(*value);
  if (value && !trust.pin) return invalid(Reason::config_invalid_sha256, name, *value);
  if (product == Product::applink) {
    TRY_ASSIGN(trust.fingerprints, read_fingerprints(vars));
  }
  return trust;
}

Result<ReleaseRequest> read_release(Product product, const ConfigVars& vars) {
  const CommonNames& names = common_names(product);
  ReleaseRequest request{.product = product};
  TRY_ASSIGN(const auto version, vars.get(names.version));
  if (version) {
    auto requested = parse_version(*version);
    if (!requested) return invalid(Reason::config_invalid_version, names.version, *version);
    request.version = *std::move(requested);
  }
  TRY_ASSIGN(request.mirror, read_url(vars, names.base_url));
  if (product == Product::integration) {
    TRY_ASSIGN(request.repository, read_repository(vars, request.mirror.has_value()));
  } else {
    TRY_ASSIGN(request.bucket, read_bucket(vars, request.mirror ? std::optional(names.base_url) : std::nullopt));
  }
  TRY_ASSIGN(request.trust, read_trust(vars, product));
  return request;
}

// Reads the strictness: "1", "true", "yes" and "on" are strict, any other value is lenient.
Result<Strictness> read_strictness(const ConfigVars& vars) {
  TRY_ASSIGN(const auto value, vars.get(kStrict));
  constexpr std::array<std::string_view, 4> kYes = {"1", "true", "yes", "on"};
  const bool is_strict = value && std::ranges::find(kYes, text::lower(*value)) != kYes.end();
  return is_strict ? Strictness::strict : Strictness::lenient;
}

// Reads seconds with decimals, as curl does. Ignores a malformed number.
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
Result<ProxySettings> read_proxies(const ConfigVars& vars) {
  const auto first = [&](std::initializer_list<std::string_view> names) -> Result<std::string> {
    for (const std::string_view name : names) {
      TRY_ASSIGN(auto value, vars.get(name));
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
  std::vector<std::string_view> names = {
      kProduct,    kStrict,      kWrap,           kOwner,         kProject,     kApiUrl,
      kToken,      kBucket,      kRegion,         kFingerprint,   "http_proxy", "https_proxy",
      "all_proxy", "no_proxy",   "HTTPS_PROXY",   "ALL_PROXY",    "NO_PROXY",   "CURL_TIMEOUT",
      "STACK",     "REQUEST_ID", "SSL_CERT_FILE", "SSL_CERT_DIR", "PATH",       "CURL_CONNECT_TIMEOUT"};
  for (const CommonNames& common : kCommonNames) {
    names.insert(names.end(), {common.version, common.base_url, common.sha256});
  }
  return names;
}

Result<std::optional<Product>> read_product(const ConfigVars& vars) {
  TRY_ASSIGN(const auto value, vars.get(kProduct));
  if (!value) return std::optional<Product>();
  const auto product = parse_product(text::lower(*value));
  if (!product) return invalid(Reason::config_invalid_product, kProduct, *value);
  return product;
}

Result<std::string> read_requested_version(Product product, const ConfigVars& vars) {
  TRY_ASSIGN(const auto value, vars.get(common_names(product).version));
  if (!value) return RequestedVersion{}.text;
  if (const auto version = parse_version(*value)) return version->text;
  return text::printable_line(without_secret(*value), 120);
}

Result<std::string> read_wrap(const ConfigVars& vars) {
  TRY_ASSIGN(auto value, vars.get(kWrap));
  return value.value_or("");
}

Result<Settings> read_settings(Product product, const ConfigVars& vars, const Environment& environment) {
  TRY_ASSIGN(ReleaseRequest release, read_release(product, vars));
  TRY_ASSIGN(ProxySettings proxies, read_proxies(vars));
  TRY_ASSIGN(const Strictness strictness, read_strictness(vars));
  return Settings{.release = std::move(release),
                  .limits = read_limits(environment),
                  .trust_roots = {environment.get("SSL_CERT_FILE"), environment.get("SSL_CERT_DIR")},
                  .proxies = std::move(proxies),
                  .strictness = strictness};
}

}  // namespace mesh::buildpack
