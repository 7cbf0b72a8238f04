#include "release/resolve.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "release/release_json.h"

namespace mesh {
namespace {

constexpr int kMaxHops = 5;

Url releases(const ReleaseRequest& request) { return request.base / request.owner / request.project / "releases"; }

Artifact usual_artifact(const ReleaseRequest& request, const std::string& tag) {
  return {tag, releases(request) / "download" / tag / kAssetName};
}

// GitHub's marks of a spent quota: REST API, "Rate limits for the REST API".
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
  return fmt::format(", until {:%H:%M} UTC", fmt::gmtime(reset));
}

// What an answer means that is not the one hoped for.
Failure refusal(const Reply& reply, const ReleaseRequest& request) {
  const std::string answer = fmt::format("{} answered {}", reply.url.redacted(), reply.status);
  if (is_rate_limited(reply)) return {Reason::resolve_rate_limited, answer + reset_time(reply.response)};
  if (reply.status == 404 || reply.status == 410) {
    return {Reason::resolve_not_found,
            fmt::format("{} of {}/{}: {}", request.version.text, request.owner, request.project, answer)};
  }
  if (reply.status == 401 || reply.status == 403 || reply.status == 451) return {Reason::resolve_refused, answer};
  if (reply.status >= 500) return {Reason::resolve_server_error, answer};
  return {Reason::resolve_bad_response, answer};
}

std::optional<std::string> tag_in(const Url& url) {
  constexpr std::string_view kMarker = "/releases/tag/";
  const std::size_t found = url.path().rfind(kMarker);
  if (found == std::string::npos) return std::nullopt;
  return url.path().substr(found + kMarker.size());
}

// Where the redirect leads: an address with a tag, or another one to ask (a renamed repository).
Result<Url> next_hop(const Reply& reply) {
  const auto location = reply.response.header("Location");
  auto next = location ? reply.url.redirect(*location) : std::nullopt;
  if (!next) {
    return Failure{Reason::network_redirect,
                   fmt::format("{} to {}", reply.url.redacted(),
                               text::printable_line(text::redact_address(location.value_or("nowhere")), 120))};
  }
  return *std::move(next);
}

Result<std::string> latest_tag(const ReleaseRequest& request, const Transport& transport) {
  Url url = releases(request) / "latest";
  for (int hop = 0; hop <= kMaxHops; ++hop) {
    TRY_ASSIGN(const Reply reply, transport.get(url, Redirects::report));
    if (reply.status / 100 != 3) return refusal(reply, request);
    TRY_ASSIGN(Url next, next_hop(reply));
    if (const auto tag = tag_in(next)) {
      if (is_tag(*tag)) return *tag;
      return Failure{Reason::resolve_bad_response, fmt::format("{} leads to {}", url.redacted(), next.redacted())};
    }
    // GitHub sends those who ask for the latest of no releases to the empty list.
    if (next.path().ends_with("/releases")) {
      return Failure{Reason::resolve_not_found, fmt::format("{}/{} has no release", request.owner, request.project)};
    }
    url = std::move(next);
  }
  return Failure{Reason::network_redirect, fmt::format("{}: more than {} redirects", url.redacted(), kMaxHops)};
}

Result<Artifact> ask_api(const ReleaseRequest& request, const Url& question, const Transport& transport) {
  TRY_ASSIGN(const Reply reply, transport.get(question, Redirects::follow,
                                              {"Accept: application/vnd.github+json", "X-GitHub-Api-Version: 2022-11-28"}));
  if (reply.status != 200) return refusal(reply, request);
  return choose_asset(reply.text, reply.url);
}

}  // namespace

Result<Plan> resolve(const ReleaseRequest& request, const Transport& transport) {
  Plan plan;
  for (const std::string& tag : request.version.tags) plan.candidates.push_back(usual_artifact(request, tag));
  if (request.version.is_latest()) {
    TRY_ASSIGN(const std::string tag, latest_tag(request, transport));
    plan.candidates.push_back(usual_artifact(request, tag));
  }
  return plan;
}

Result<Plan> resolve_through_api(const ReleaseRequest& request, const Plan& tried, const Transport& transport) {
  const Artifact& first = tried.candidates.front();
  if (!request.api) {
    return Failure{Reason::resolve_not_found, fmt::format("{} of {}/{}: nothing at {}", first.tag, request.owner,
                                                          request.project, first.url.redacted())};
  }
  const Url by_tag = *request.api / "repos" / request.owner / request.project / "releases" / "tags";
  Result<Artifact> artifact = Failure{Reason::resolve_not_found, ""};
  for (const Artifact& candidate : tried.candidates) {
    artifact = ask_api(request, by_tag / candidate.tag, transport);
    if (artifact || artifact.failure().reason != Reason::resolve_not_found) break;
  }
  if (!artifact) return std::move(artifact).failure();
  return Plan{{*std::move(artifact)}};
}

}  // namespace mesh
