#include "buildpack/release/github_source.h"

#include <fmt/format.h>

#include <charconv>

#include "buildpack/release/release_json.h"
#include "common/text.h"

namespace mesh::buildpack {
namespace {

constexpr int kMaxHops = 5;

// Recognizes an exceeded rate limit (GitHub REST API, "Rate limits for the REST API").
bool is_rate_limited(const Reply& reply) {
  if (reply.status == 429) return true;
  return reply.status == 403 &&
         (reply.response.header("x-ratelimit-remaining") == "0" || reply.response.header("retry-after").has_value());
}

std::string reset_time(const HttpResponse& response) {
  const std::string value = response.header("x-ratelimit-reset").value_or("");
  std::time_t reset = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), reset);
  if (error != std::errc() || reset <= 0 || reset > 32'503'680'000) return "";  // the year 3000
  return fmt::format(", resets at {:02}:{:02} UTC", reset / 3600 % 24, reset / 60 % 60);
}

std::optional<std::string> tag_in(const Url& url) {
  constexpr std::string_view kMarker = "/releases/tag/";
  const std::size_t found = url.path().rfind(kMarker);
  if (found == std::string::npos) return std::nullopt;
  return url.path().substr(found + kMarker.size());
}

// Returns the target of the redirect: a URL with a tag, or the next URL to request (a renamed repository).
Result<Url> next_hop(const Reply& reply) {
  const auto location = reply.response.header("Location");
  auto next = location ? reply.url.redirect(*location) : std::nullopt;
  if (!next) {
    return Failure{Reason::network_redirect,
                   fmt::format("{} redirects to {}", reply.url.redacted(),
                               text::printable_line(text::redact_address(location.value_or("no address")), 120))};
  }
  return *std::move(next);
}

}  // namespace

GitHubSource::GitHubSource(const ReleaseRequest& request, const Transport& transport)
    : request_(request), transport_(transport), base_(request.mirror.value_or(*Url::parse("https://github.com"))) {}

std::string GitHubSource::description() const {
  const Repository& repository = request_.repository;
  return fmt::format("{}/{} at {}", repository.owner, repository.project, base_.redacted());
}

std::string GitHubSource::identity() const { return releases().redacted(); }

Url GitHubSource::releases() const { return base_ / request_.repository.owner / request_.repository.project / "releases"; }

Artifact GitHubSource::usual_artifact(const std::string& tag) const {
  return {tag, releases() / "download" / tag / kArchiveName};
}

// Returns the failure for an unsuccessful reply.
Failure GitHubSource::refusal(const Reply& reply) const {
  const std::string answer = describe(reply);
  if (is_rate_limited(reply)) return {Reason::resolve_rate_limited, answer + reset_time(reply.response)};
  if (reply.status == 401 && request_.repository.token) return {Reason::resolve_auth, answer};
  if (reply.status == 404 || reply.status == 410) {
    return {Reason::resolve_not_found, fmt::format("{} of {}/{}: {}", request_.version.text, request_.repository.owner,
                                                   request_.repository.project, answer)};
  }
  if (reply.status == 401 || reply.status == 403 || reply.status == 451) return {Reason::resolve_refused, answer};
  if (reply.status >= 500) return {Reason::resolve_server_error, answer};
  return {Reason::resolve_bad_response, answer};
}

Result<std::string> GitHubSource::latest_tag() const {
  Url url = releases() / "latest";
  for (int hop = 0; hop <= kMaxHops; ++hop) {
    TRY_ASSIGN(const Reply reply, transport_.get(url, Redirects::report));
    if (reply.status / 100 != 3) return refusal(reply);
    TRY_ASSIGN(Url next, next_hop(reply));
    if (const auto tag = tag_in(next)) {
      if (is_tag(*tag)) return *tag;
      return Failure{Reason::resolve_bad_response, fmt::format("{} redirects to {}", url.redacted(), next.redacted())};
    }
    // GitHub redirects /releases/latest to the empty list if the repository has no release.
    if (next.path().ends_with("/releases")) {
      return Failure{Reason::resolve_not_found,
                     fmt::format("{}/{} has no release", request_.repository.owner, request_.repository.project)};
    }
    url = std::move(next);
  }
  return Failure{Reason::network_redirect, fmt::format("{}: more than {} redirects", url.redacted(), kMaxHops)};
}

Result<Artifact> GitHubSource::request_api(const Url& url) const {
  std::vector<std::string> headers = {"Accept: application/vnd.github+json", "X-GitHub-Api-Version: 2022-11-28"};
  const auto& token = request_.repository.token;
  if (token) headers.push_back("Authorization: Bearer " + *token);
  TRY_ASSIGN(const Reply reply, transport_.get(url, Redirects::follow, std::move(headers)));
  if (reply.status != 200) return refusal(reply);
  TRY_ASSIGN(Artifact artifact, choose_asset(reply.text, request_.architecture, reply.url));
  if (token && artifact.api_url) {
    artifact.url = *artifact.api_url;
    artifact.headers = {"Accept: application/octet-stream", "Authorization: Bearer " + *token};
  }
  return artifact;
}

Result<Plan> GitHubSource::latest_by_api() const {
  const Repository& repository = request_.repository;
  TRY_ASSIGN(Artifact artifact,
             request_api(*repository.api / "repos" / repository.owner / repository.project / "releases" / "latest"));
  return Plan{{std::move(artifact)}};
}

Result<Plan> GitHubSource::resolve() {
  Plan plan;
  for (const std::string& tag : request_.version.tags) plan.candidates.push_back(usual_artifact(tag));
  if (!request_.version.is_latest()) return plan;

  const auto tag = latest_tag();
  // Without authentication, GitHub answers 404 for a private repository.
  const bool may_be_private = !tag && tag.failure().reason == Reason::resolve_not_found;
  if (may_be_private && request_.repository.token && request_.repository.api) return latest_by_api();
  if (!tag) return tag.failure();
  plan.candidates.push_back(usual_artifact(*tag));
  return plan;
}

Result<std::optional<Artifact>> GitHubSource::on_error_reply(const Artifact&, const Reply& reply) {
  if (reply.status == 404 || reply.status == 410) return std::optional<Artifact>();
  if (reply.status == 401 && request_.repository.token) return Failure{Reason::resolve_auth, describe(reply)};
  return refused_download(reply, describe(reply));
}

Result<Plan> GitHubSource::resolve_fallback(const Plan& tried) {
  const Artifact& first = tried.candidates.front();
  const Repository& repository = request_.repository;
  if (!repository.api) {
    return Failure{Reason::resolve_not_found, fmt::format("{} of {}/{}: not found at {}", first.tag, repository.owner,
                                                          repository.project, first.url.redacted())};
  }
  const Url by_tag = *repository.api / "repos" / repository.owner / repository.project / "releases" / "tags";
  Result<Artifact> artifact = Failure{Reason::resolve_not_found, ""};
  for (const Artifact& candidate : tried.candidates) {
    artifact = request_api(by_tag / candidate.tag);
    if (artifact || artifact.failure().reason != Reason::resolve_not_found) break;
  }
  if (!artifact) return std::move(artifact).failure();
  return Plan{{*std::move(artifact)}};
}

}  // namespace mesh::buildpack
