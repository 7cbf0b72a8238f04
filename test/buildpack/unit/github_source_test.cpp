#include "buildpack/release/github_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/cpp/manual_clock.h"
#include "support/cpp/recording_console.h"
#include "support/cpp/scripted_http.h"

namespace mesh::buildpack {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kReleases = "https://host/owner/project/releases";
const std::string kApi = "https://api.host/repos/owner/project/releases/tags/";
const std::string kRelease =
    R"({"tag_name":"v1.2","assets":[{"name":"heroku-integration-service-mesh.tar.gz","browser_download_url":"https://host/f"}]})";

class GitHubSourceTest : public testing::Test {
 protected:
  void ask_for(std::string_view version) { request_.version = *parse_version(version); }

  Result<Plan> resolve() { return GitHubSource(request_, transport_).resolve(); }

  // Returns the tag of the latest release, or the failure's id.
  std::string latest() {
    const auto plan = resolve();
    return plan ? plan->candidates.at(0).tag : std::string(entry(plan.failure().reason).id);
  }

  // Returns the tag, or the failure's id, for a response of the API to a pinned version.
  std::string through_api(const std::string& version = "nightly") {
    ask_for(version);
    const auto plan = GitHubSource(request_, transport_).resolve_fallback(*resolve());
    detail_ = plan ? "" : plan.failure().detail;
    return plan ? plan->candidates.at(0).url.text() : std::string(entry(plan.failure().reason).id);
  }

  ScriptedHttp http_;
  ManualClock clock_;
  RecordingConsole console_;
  Transport transport_{http_, clock_, console_, {}};
  ReleaseRequest request_{.mirror = Url::parse("https://host"),
                          .repository = {.owner = "owner", .project = "project", .api = Url::parse("https://api.host")}};
  std::string detail_;
};

TEST_F(GitHubSourceTest, SendsNoRequestForAPinnedVersion) {
  ask_for("0.1.2");
  const auto plan = resolve();
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->candidates.size(), 2u);
  EXPECT_EQ(plan->candidates[0].url.text(), kReleases + "/download/v0.1.2/heroku-integration-service-mesh.tar.gz");
  EXPECT_EQ(plan->candidates[1].url.text(), kReleases + "/download/0.1.2/heroku-integration-service-mesh.tar.gz");
  EXPECT_THAT(http_.addresses(), IsEmpty());
}

TEST_F(GitHubSourceTest, EscapesATagInAUrl) {
  ask_for("1.0+build");
  EXPECT_THAT(resolve()->candidates.at(0).url.text(), HasSubstr("/download/v1.0%2Bbuild/"));
}

TEST_F(GitHubSourceTest, ReadsTheLatestTagFromTheRedirect) {
  http_.on(kReleases + "/latest", redirect_to(kReleases + "/tag/v0.1.2"));
  const auto plan = resolve();
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->candidates.size(), 1u);
  EXPECT_EQ(plan->candidates[0].tag, "v0.1.2");
  EXPECT_EQ(plan->candidates[0].url.text(), kReleases + "/download/v0.1.2/heroku-integration-service-mesh.tar.gz");
  EXPECT_THAT(http_.addresses(), ElementsAre(kReleases + "/latest"));
}

TEST_F(GitHubSourceTest, FollowsARelativeRedirect) {
  http_.on(kReleases + "/latest", redirect_to("tag/v1"));
  EXPECT_EQ(latest(), "v1");
}

TEST_F(GitHubSourceTest, FollowsARenamedRepository) {
  http_.on(kReleases + "/latest", redirect_to("https://host/new/name/releases/latest"));
  http_.on("https://host/new/name/releases/latest", redirect_to("https://host/new/name/releases/tag/v3"));
  EXPECT_EQ(latest(), "v3");
}

TEST_F(GitHubSourceTest, ReadsAnEscapedTag) {
  http_.on(kReleases + "/latest", redirect_to(kReleases + "/tag/v1.0%2Bbuild"));
  EXPECT_EQ(latest(), "v1.0+build");
}

TEST_F(GitHubSourceTest, RejectsAMalformedTag) {
  for (const char* tag : {"", "a/b", "-v1", "%2e%2e%2fx", "v%201"}) {
    http_ = {};
    http_.on(kReleases + "/latest", redirect_to(kReleases + "/tag/" + tag));
    EXPECT_EQ(latest(), "resolve::bad-response") << tag;
  }
}

TEST_F(GitHubSourceTest, FailsWithNotFoundWhenTheRepositoryHasNoRelease) {
  http_.on(kReleases + "/latest", redirect_to(kReleases));
  EXPECT_EQ(latest(), "resolve::not-found");
}

TEST_F(GitHubSourceTest, FailsWithNotFoundWhenTheRepositoryIsMissing) { EXPECT_EQ(latest(), "resolve::not-found"); }

TEST_F(GitHubSourceTest, RejectsAPageInsteadOfARedirect) {
  http_.on(kReleases + "/latest", answer(200, "<html>sign in</html>"));
  EXPECT_EQ(latest(), "resolve::bad-response");
}

TEST_F(GitHubSourceTest, RejectsRedirectsWithoutAUsableLocation) {
  for (const char* location : {"http://host/x", "", "file:///x"}) {
    http_ = {};
    http_.on(kReleases + "/latest", redirect_to(location));
    EXPECT_EQ(latest(), "network::redirect") << location;
  }
  http_ = {};
  http_.on(kReleases + "/latest", answer(302));
  EXPECT_EQ(latest(), "network::redirect");
}

TEST_F(GitHubSourceTest, FailsOnARedirectLoop) {
  http_.on(kReleases + "/latest", redirect_to(kReleases + "/latest"));
  EXPECT_EQ(latest(), "network::redirect");
  EXPECT_EQ(http_.requests().size(), 6u);
}

TEST_F(GitHubSourceTest, DistinguishesErrorReplies) {
  const std::vector<std::pair<int, const char*>> refusals = {{401, "resolve::refused"},      {403, "resolve::refused"},
                                                             {404, "resolve::not-found"},    {410, "resolve::not-found"},
                                                             {429, "resolve::rate-limited"}, {451, "resolve::refused"},
                                                             {418, "resolve::bad-response"}, {500, "resolve::server-error"},
                                                             {503, "resolve::server-error"}, {501, "resolve::server-error"}};
  for (const auto& [status, id] : refusals) {
    http_ = {};
    http_.on(kReleases + "/latest", answer(status));
    EXPECT_EQ(latest(), id) << status;
  }
}

TEST_F(GitHubSourceTest, ReturnsNetworkFailure) {
  http_.on(kReleases + "/latest", failing(ErrorKind::certificate));
  EXPECT_EQ(latest(), "network::certificate");
}

TEST_F(GitHubSourceTest, RequestsATagFromTheApi) {
  http_.on(kApi + "nightly", answer(200, kRelease));
  EXPECT_EQ(through_api(), "https://host/f");
  EXPECT_THAT(http_.requests().at(0).headers, testing::Contains("Accept: application/vnd.github+json"));
}

TEST_F(GitHubSourceTest, RequestsEverySpellingFromTheApi) {
  http_.on(kApi + "1.2", answer(200, kRelease));
  EXPECT_EQ(through_api("v1.2"), "https://host/f");
  EXPECT_THAT(http_.addresses(), ElementsAre(kApi + "v1.2", kApi + "1.2"));
}

TEST_F(GitHubSourceTest, StopsApiRequestsAfterAFailure) {
  http_.on(kApi + "v1.2", answer(403));
  EXPECT_EQ(through_api("v1.2"), "resolve::refused");
  EXPECT_THAT(http_.addresses(), ElementsAre(kApi + "v1.2"));
}

TEST_F(GitHubSourceTest, FollowsTheApisRedirects) {
  http_.on(kApi + "nightly", {.status = 301, .headers = {{"Location", "https://api.host/repositories/7"}}});
  http_.on("https://api.host/repositories/7", answer(200, kRelease));
  EXPECT_EQ(through_api(), "https://host/f");
}

TEST_F(GitHubSourceTest, FailsWithNotFoundWhenTheApiAnswers404) {
  EXPECT_EQ(through_api("v1.2"), "resolve::not-found");
  EXPECT_THAT(detail_, HasSubstr("v1.2 of owner/project"));
}

TEST_F(GitHubSourceTest, RecognizesAnExceededRateLimit) {
  http_.on(kApi + "nightly",
           {.status = 403, .headers = {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1700000000"}}});
  EXPECT_EQ(through_api(), "resolve::rate-limited");
  EXPECT_THAT(detail_, HasSubstr("resets at 22:13 UTC"));
}

TEST_F(GitHubSourceTest, RecognizesTheSecondaryRateLimit) {
  http_.on(kApi + "nightly", {.status = 403, .headers = {{"Retry-After", "60"}}});
  EXPECT_EQ(through_api(), "resolve::rate-limited");
}

TEST_F(GitHubSourceTest, IgnoresAMalformedResetTime) {
  for (const char* reset : {"", "soon", "-1", "99999999999999999999", "32503680001"}) {
    http_ = {};
    http_.on(kApi + "nightly", {.status = 403, .headers = {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", reset}}});
    EXPECT_EQ(through_api(), "resolve::rate-limited");
    EXPECT_THAT(detail_, testing::Not(HasSubstr("until"))) << reset;
  }
}

TEST_F(GitHubSourceTest, RejectsAPageInsteadOfJson) {
  http_.on(kApi + "nightly", answer(200, "<html>"));
  EXPECT_EQ(through_api(), "resolve::bad-response");
}

TEST_F(GitHubSourceTest, SendsNoApiRequestWhenTheMirrorHasNoApi) {
  request_.repository.api.reset();
  EXPECT_EQ(through_api(), "resolve::not-found");
  EXPECT_THAT(detail_, HasSubstr("not found at https://host/owner/project/releases/download/nightly/"));
  EXPECT_THAT(http_.addresses(), IsEmpty());
}

}  // namespace
}  // namespace mesh::buildpack
