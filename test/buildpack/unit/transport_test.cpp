#include "buildpack/release/transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stop_token>

#include "support/cpp/manual_clock.h"
#include "support/cpp/recording_console.h"
#include "support/cpp/scripted_http.h"

namespace mesh::buildpack {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr const char* kHere = "https://host/a";

// Stores each body.
class KeepingReceiver final : public Receiver {
 public:
  Result<void> start(const HttpResponse&) override {
    bodies.emplace_back();
    return {};
  }
  Result<void> resume(const HttpResponse&) override { return {}; }
  std::uint64_t received() const override { return bodies.empty() ? 0 : bodies.back().size(); }
  Result<void> receive(std::span<const std::byte> bytes) override {
    if (refusal) return *refusal;
    bodies.back().append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  void tick() override { ++ticks; }
  void attempt() override { ++attempts; }

  std::vector<std::string> bodies;
  std::optional<Failure> refusal;
  int ticks = 0;
  int attempts = 0;
};

class TransportTest : public testing::Test {
 protected:
  Result<Reply> get(Redirects redirects = Redirects::follow) {
    return Transport(http_, clock_, console_, limits_).get(*Url::parse(kHere), redirects, {"Accept: x"});
  }

  Result<Reply> download() {
    return Transport(http_, clock_, console_, limits_).download(*Url::parse(kHere), {}, receiver_);
  }

  std::size_t requests_after(ScriptedAnswer scripted) {
    http_ = {};
    http_.on(kHere, std::move(scripted));
    static_cast<void>(get());
    return http_.requests().size();
  }

  ScriptedHttp http_;
  ManualClock clock_;
  RecordingConsole console_;
  TransportLimits limits_;
  KeepingReceiver receiver_;
};

TEST_F(TransportTest, ReturnsTheReply) {
  http_.on(kHere, answer(200, "text"));
  const auto reply = get();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->text, "text");
  EXPECT_EQ(reply->url.text(), kHere);
  EXPECT_THAT(console_.entries(), IsEmpty());
}

TEST_F(TransportTest, SendsOneSilentAttemptWhenSingleAttempt) {
  http_.on(kHere, answer(503));
  const auto reply =
      Transport(http_, clock_, console_, limits_).single_attempt({}).get(*Url::parse(kHere), Redirects::follow);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 503);
  EXPECT_THAT(http_.requests(), SizeIs(1));
  EXPECT_THAT(console_.entries(), IsEmpty());
}

TEST_F(TransportTest, ReturnsBuildInterruptedWhenAStopIsRequested) {
  std::stop_source stop;
  ScriptedAnswer scripted = answer(200, "text");
  scripted.before = [&] { stop.request_stop(); };
  http_.on(kHere, scripted);
  const auto reply = Transport(http_, clock_, console_, limits_)
                         .single_attempt(stop.get_token())
                         .get(*Url::parse(kHere), Redirects::follow);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.failure().reason, Reason::build_interrupted);
}

TEST_F(TransportTest, SendsHeadersAndLimitsWithTheRequest) {
  limits_ = {.connect = 3s, .attempt = 4s};
  static_cast<void>(get());
  EXPECT_THAT(http_.requests().at(0).headers, ElementsAre("Accept: x"));
  EXPECT_EQ(http_.requests().at(0).connect_limit, 3s);
  EXPECT_EQ(http_.requests().at(0).total_limit, 4s);
}

TEST_F(TransportTest, AttemptsTransientFailuresFiveTimes) {
  for (const ErrorKind kind : {ErrorKind::offline, ErrorKind::connect, ErrorKind::timeout, ErrorKind::stalled,
                               ErrorKind::reset, ErrorKind::truncated}) {
    EXPECT_EQ(requests_after(failing(kind)), 5u) << static_cast<int>(kind);
  }
  for (const int status : {408, 425, 429, 500, 502, 503, 504, 522, 524}) {
    EXPECT_EQ(requests_after(answer(status)), 5u) << status;
  }
}

TEST_F(TransportTest, AttemptsRareFailuresTwice) {
  for (const ErrorKind kind : {ErrorKind::dns, ErrorKind::tls, ErrorKind::protocol}) {
    EXPECT_EQ(requests_after(failing(kind)), 2u) << static_cast<int>(kind);
  }
}

TEST_F(TransportTest, AttemptsPermanentFailuresOnce) {
  for (const ErrorKind kind : {ErrorKind::certificate, ErrorKind::proxy, ErrorKind::no_trust_roots, ErrorKind::cancelled,
                               ErrorKind::no_space, ErrorKind::permission_denied}) {
    EXPECT_EQ(requests_after(failing(kind)), 1u) << static_cast<int>(kind);
  }
  for (const int status : {200, 204, 304, 400, 401, 403, 404, 410, 451, 501}) {
    EXPECT_EQ(requests_after(answer(status)), 1u) << status;
  }
}

TEST_F(TransportTest, ReturnsTheReplyOfTheSuccessfulAttempt) {
  http_.on(kHere, failing(ErrorKind::reset));
  http_.on(kHere, answer(503));
  http_.on(kHere, answer(200, "at last"));
  const auto reply = get();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text, "at last");
  EXPECT_EQ(console_.count("Retrying in"), 2);
  EXPECT_EQ(console_.count("https://host/a answered 503"), 1);
}

TEST_F(TransportTest, ReturnsTheLastReplyWhenAllAttemptsFail) {
  http_.on(kHere, answer(503, "out of order"));
  const auto reply = get();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 503);
}

TEST_F(TransportTest, HasTheNumberOfAttemptsInTheDetail) {
  http_.on(kHere, failing(ErrorKind::reset));
  EXPECT_THAT(get().failure().detail, HasSubstr("(5 attempts)"));
  http_ = {};
  http_.on(kHere, failing(ErrorKind::certificate));
  EXPECT_EQ(get().failure().detail, "scripted");
}

TEST_F(TransportTest, IncreasesThePauseWithEachAttempt) {
  http_.on(kHere, answer(503));
  static_cast<void>(get());
  EXPECT_THAT(clock_.sleeps(), ElementsAre(250ms, 500ms, 1s, 2s));
}

TEST_F(TransportTest, AddsJitterToThePauses) {
  clock_.set_random_fraction(0.999);
  http_.on(kHere, answer(503));
  static_cast<void>(get());
  EXPECT_THAT(clock_.sleeps(), ElementsAre(AllOf(Ge(499ms), Le(500ms)), AllOf(Ge(999ms), Le(1s)), AllOf(Ge(1998ms), Le(2s)),
                                           AllOf(Ge(3996ms), Le(4s))));
}

TEST_F(TransportTest, HonorsRetryAfterInSeconds) {
  http_.on(kHere, {.status = 429, .headers = {{"retry-after", "7"}}});
  http_.on(kHere, answer(200));
  EXPECT_EQ(get()->status, 200);
  EXPECT_THAT(clock_.sleeps(), ElementsAre(7s));
}

TEST_F(TransportTest, WaitsAtLeastItsOwnPause) {
  http_.on(kHere, {.status = 429, .headers = {{"Retry-After", "0"}}});
  http_.on(kHere, answer(200));
  static_cast<void>(get());
  EXPECT_THAT(clock_.sleeps(), ElementsAre(250ms));
}

// Returns a response with a Retry-After date. It was sent at 08:49.
ScriptedAnswer busy_until(const char* date, const char* sent = "Sun, 06 Nov 1994 08:49:00 GMT") {
  return {.status = 503, .headers = {{"Date", sent}, {"Retry-After", date}}};
}

TEST_F(TransportTest, HonorsRetryAfterAsDate) {
  for (const char* date : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
    http_ = {};
    clock_ = {};
    http_.on(kHere, busy_until(date));
    http_.on(kHere, answer(200));
    EXPECT_EQ(get()->status, 200);
    EXPECT_THAT(clock_.sleeps(), ElementsAre(37s)) << date;
  }
}

TEST_F(TransportTest, IgnoresARetryAfterDateInThePast) {
  http_.on(kHere, busy_until("Fri, 31 Dec 1993 23:59:59 GMT"));
  http_.on(kHere, answer(200));
  static_cast<void>(get());
  EXPECT_THAT(clock_.sleeps(), ElementsAre(250ms));
}

TEST_F(TransportTest, IgnoresARetryAfterDateWithoutADateHeader) {
  for (const char* sent : {"", "yesterday"}) {
    http_ = {};
    clock_ = {};
    http_.on(kHere, busy_until("Sun, 06 Nov 1994 08:49:37 GMT", sent));
    http_.on(kHere, answer(200));
    static_cast<void>(get());
    EXPECT_THAT(clock_.sleeps(), ElementsAre(250ms)) << sent;
  }
}

TEST_F(TransportTest, IgnoresMalformedRetryAfter) {
  for (const char* value : {"", "-5", "1.5", "+7", "soon", "Sun", "Monday", "12:00:00", "Sun, 99 Nov 1994 08:49:37 GMT"}) {
    http_ = {};
    clock_ = {};
    http_.on(kHere, busy_until(value));
    http_.on(kHere, answer(200));
    static_cast<void>(get());
    EXPECT_THAT(clock_.sleeps(), ElementsAre(250ms)) << value;
  }
}

TEST_F(TransportTest, FailsWhenRetryAfterExceedsTheTimeLimit) {
  for (const char* value : {"151", "4294967295", "4294967296", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"}) {
    http_ = {};
    http_.on(kHere, busy_until(value));
    EXPECT_EQ(get()->status, 503);
    EXPECT_THAT(http_.requests(), SizeIs(1)) << value;
  }
  EXPECT_THAT(clock_.sleeps(), IsEmpty());
}

TEST_F(TransportTest, StartsNoAttemptAfterTheTimeLimit) {
  limits_.overall = 100s;
  ScriptedAnswer slow = failing(ErrorKind::timeout);
  slow.before = [this] { clock_.advance(60s); };
  http_.on(kHere, slow);
  EXPECT_EQ(get().failure().reason, Reason::network_timeout);
  EXPECT_THAT(http_.requests(), SizeIs(2));
}

TEST_F(TransportTest, SharesTheTimeLimitAmongAllRequests) {
  limits_.overall = 100s;
  const Transport transport(http_, clock_, console_, limits_);
  clock_.advance(100s);
  http_.on(kHere, failing(ErrorKind::reset));
  EXPECT_FALSE(transport.get(*Url::parse(kHere), Redirects::follow));
  EXPECT_THAT(http_.requests(), SizeIs(1));
}

TEST_F(TransportTest, GivesARedirectTheRemainingTimeOfTheAttempt) {
  limits_.attempt = 60s;
  ScriptedAnswer slow = redirect_to("/b");
  slow.before = [this] { clock_.advance(50s); };
  http_.on(kHere, slow);
  http_.on("https://host/b", answer(200));
  ASSERT_TRUE(get());
  EXPECT_EQ(http_.requests().back().total_limit, 10s);
}

TEST_F(TransportTest, FollowsARedirect) {
  http_.on(kHere, redirect_to("/b"));
  http_.on("https://host/b", redirect_to("https://two/c?signed"));
  http_.on("https://two/c?signed", answer(200, "there"));
  const auto reply = get();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text, "there");
  EXPECT_EQ(reply->url.text(), "https://two/c?signed");
}

TEST_F(TransportTest, FollowsEveryKindOfRedirect) {
  for (const int status : {301, 302, 303, 307, 308}) {
    http_ = {};
    http_.on(kHere, {.status = status, .headers = {{"location", "/b"}}});
    http_.on("https://host/b", answer(200));
    EXPECT_EQ(get()->status, 200) << status;
  }
}

TEST_F(TransportTest, ReturnsARedirectWhenRedirectsAreReported) {
  http_.on(kHere, redirect_to("/b"));
  const auto reply = get(Redirects::report);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 302);
  EXPECT_EQ(reply->response.header("Location"), "/b");
  EXPECT_THAT(http_.requests(), SizeIs(1));
}

TEST_F(TransportTest, FollowsAtMostFiveRedirects) {
  for (int hop = 0; hop < 6; ++hop) {
    const std::string from = hop == 0 ? kHere : "https://host/" + std::to_string(hop);
    http_.on(from, redirect_to("/" + std::to_string(hop + 1)));
  }
  EXPECT_EQ(get().failure().reason, Reason::network_redirect);
  EXPECT_THAT(http_.requests(), SizeIs(6));
  http_ = {};
  for (int hop = 0; hop < 5; ++hop) {
    const std::string from = hop == 0 ? kHere : "https://host/" + std::to_string(hop);
    http_.on(from, redirect_to("/" + std::to_string(hop + 1)));
  }
  http_.on("https://host/5", answer(200));
  EXPECT_EQ(get()->status, 200);
}

TEST_F(TransportTest, FailsOnARedirectLoop) {
  http_.on(kHere, redirect_to(kHere));
  EXPECT_EQ(get().failure().reason, Reason::network_redirect);
}

TEST_F(TransportTest, ReturnsARedirectWithoutALocation) {
  http_.on(kHere, answer(301, "<Error>"));
  const auto reply = get();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 301);
  EXPECT_EQ(reply->text, "<Error>");
}

TEST_F(TransportTest, ReturnsNotModified) {
  http_.on(kHere, answer(304));
  const auto reply = download();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 304);
  EXPECT_TRUE(receiver_.bodies.empty());
}

// Returns the headers of each request of an authenticated download.
std::vector<bool> signed_in(const std::vector<HttpRequest>& requests) {
  std::vector<bool> result;
  for (const HttpRequest& request : requests) {
    EXPECT_THAT(request.headers, testing::Contains("Accept: x"));
    result.push_back(std::ranges::count(request.headers, "authorization: Bearer secret") == 1);
  }
  return result;
}

TEST_F(TransportTest, SendsCredentialsOnlyToTheFirstOrigin) {
  http_.on(kHere, redirect_to("https://host:443/b"));
  http_.on("https://host:443/b", redirect_to("https://host:444/c"));
  http_.on("https://host:444/c", redirect_to("https://host/d"));
  http_.on("https://host/d", answer(200, "body"));
  const Transport transport(http_, clock_, console_, limits_);
  ASSERT_TRUE(transport.download(*Url::parse(kHere), {"authorization: Bearer secret", "Accept: x"}, receiver_));
  EXPECT_EQ(signed_in(http_.requests()), (std::vector{true, true, false, false}));
}

TEST_F(TransportTest, SendsCredentialsWithEachAttempt) {
  http_.on(kHere, redirect_to("https://other/b"));
  http_.on("https://other/b", answer(503));
  http_.on("https://other/b", answer(200, "body"));
  const Transport transport(http_, clock_, console_, limits_);
  ASSERT_TRUE(transport.download(*Url::parse(kHere), {"authorization: Bearer secret", "Accept: x"}, receiver_));
  EXPECT_EQ(signed_in(http_.requests()), (std::vector{true, false, true, false}));
}

TEST_F(TransportTest, RejectsARedirectAwayFromHttps) {
  http_.on(kHere, redirect_to("http://user:secret@other/b?secret"));
  const auto reply = get();
  EXPECT_EQ(reply.failure().reason, Reason::network_redirect);
  EXPECT_THAT(reply.failure().detail,
              AllOf(StartsWith("https://host/a redirects to "), HasSubstr("other/b"), Not(HasSubstr("secret"))));
}

TEST_F(TransportTest, BeginsEachAttemptAtTheFirstUrl) {
  http_.on(kHere, redirect_to("/signed-1"));
  http_.on(kHere, redirect_to("/signed-2"));
  http_.on("https://host/signed-1", answer(503));
  http_.on("https://host/signed-2", answer(200));
  EXPECT_EQ(get()->status, 200);
  EXPECT_THAT(http_.addresses(), ElementsAre(kHere, "https://host/signed-1", kHere, "https://host/signed-2"));
}

TEST_F(TransportTest, KeepsAtMostFourMebibytesOfAReply) {
  http_.on(kHere, answer(200, std::string(Transport::kMaxReplyText + 5000, 'x')));
  EXPECT_EQ(get()->text.size(), 4u << 20);
}

TEST_F(TransportTest, StopsReadingAReplyAtTheSizeLimit) {
  ScriptedAnswer endless = failing(ErrorKind::timeout, std::string(Transport::kMaxReplyText + 1, 'x'));
  http_.on(kHere, endless);
  const auto reply = get();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
  EXPECT_THAT(http_.requests(), SizeIs(1));
}

TEST_F(TransportTest, ReturnsAnErrorReplyWhenItsBodyIsTruncated) {
  ScriptedAnswer refusal = failing(ErrorKind::truncated, "<html>");
  refusal.status = 404;
  http_.on(kHere, refusal);
  const auto reply = download();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 404);
  EXPECT_EQ(reply->text, "<html>");
  EXPECT_EQ(receiver_.attempts, 1);
}

TEST_F(TransportTest, FollowsARedirectWhenItsBodyIsTruncated) {
  ScriptedAnswer moved = failing(ErrorKind::reset, "<html>");
  moved.status = 302;
  moved.headers = {{"Location", "/b"}};
  http_.on(kHere, moved);
  http_.on("https://host/b", answer(200, "text"));
  EXPECT_EQ(get()->text, "text");
}

TEST_F(TransportTest, RejectsASuccessfulReplyWhenItsBodyIsTruncated) {
  http_.on(kHere, failing(ErrorKind::reset, "te"));
  EXPECT_EQ(get().failure().reason, Reason::network_reset);
}

TEST_F(TransportTest, ReturnsBuildInterruptedDuringAnErrorReply) {
  ScriptedAnswer refusal = failing(ErrorKind::cancelled, "<html>");
  refusal.status = 404;
  http_.on(kHere, refusal);
  EXPECT_EQ(get().failure().reason, Reason::build_interrupted);
}

TEST_F(TransportTest, PassesTheBodyToTheReceiver) {
  http_.on(kHere, answer(200, std::string(3500, 'x')));
  const auto reply = download();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text, "");
  EXPECT_THAT(receiver_.bodies, ElementsAre(std::string(3500, 'x')));
  EXPECT_GT(receiver_.ticks, 0);
}

TEST_F(TransportTest, RestartsTheReceiverWithEachAttempt) {
  http_.on(kHere, failing(ErrorKind::truncated, "hal"));
  http_.on(kHere, answer(200, "whole"));
  ASSERT_TRUE(download());
  EXPECT_THAT(receiver_.bodies, ElementsAre("hal", "whole"));
}

TEST_F(TransportTest, RetriesByTheReasonOfTheReceiversFailure) {
  http_.on(kHere, answer(200, "<html>"));
  receiver_.refusal = Failure{Reason::download_not_an_archive, "a page"};
  EXPECT_EQ(download().failure().detail, "a page (2 attempts)");
  receiver_.refusal = Failure{Reason::download_too_large, "a gigabyte"};
  const auto reply = download();
  EXPECT_EQ(reply.failure().reason, Reason::download_too_large);
  EXPECT_EQ(receiver_.attempts, 3);
}

// A download that ends after "hal", of content with this entity tag.
ScriptedAnswer broken_off(std::string entity_tag) {
  ScriptedAnswer scripted = failing(ErrorKind::truncated, "hal");
  scripted.headers = {{"ETag", std::move(entity_tag)}};
  return scripted;
}

ScriptedAnswer part(std::string range, std::string body) {
  ScriptedAnswer scripted = answer(206, std::move(body));
  scripted.headers = {{"Content-Range", std::move(range)}};
  return scripted;
}

TEST_F(TransportTest, ResumesADownloadWhenTheContentIsUnchanged) {
  http_.on(kHere, broken_off("\"tag\""));
  http_.on(kHere, part("bytes 3-4/5", "ve"));
  ASSERT_TRUE(download());
  EXPECT_THAT(receiver_.bodies, ElementsAre("halve"));
  EXPECT_THAT(http_.requests().front().headers, IsEmpty());
  EXPECT_THAT(http_.requests().back().headers, ElementsAre("Range: bytes=3-", "If-Range: \"tag\""));
}

TEST_F(TransportTest, RestartsADownloadWhenTheContentHasChanged) {
  http_.on(kHere, broken_off("\"tag\""));
  http_.on(kHere, answer(200, "whole"));
  ASSERT_TRUE(download());
  EXPECT_THAT(receiver_.bodies, ElementsAre("hal", "whole"));
}

TEST_F(TransportTest, RestartsADownloadWhenTheValidatorIsWeak) {
  http_.on(kHere, broken_off("W/\"tag\""));
  http_.on(kHere, answer(200, "whole"));
  ASSERT_TRUE(download());
  EXPECT_THAT(http_.requests().back().headers, IsEmpty());
}

TEST_F(TransportTest, RejectsAnotherRangeThanRequested) {
  for (const char* range : {"bytes 2-4/5", "bytes 4-4/5", "bytes 3-5/5", "bytes 3-4", "bytes */5", "items 3-4/5", ""}) {
    http_ = {};
    receiver_ = {};
    http_.on(kHere, broken_off("\"tag\""));
    http_.on(kHere, part(range, "lve"));
    http_.on(kHere, answer(200, "whole"));
    ASSERT_TRUE(download()) << range;
    EXPECT_THAT(receiver_.bodies, ElementsAre("hal", "whole")) << range;
    EXPECT_THAT(http_.requests().back().headers, IsEmpty()) << range;
  }
}

TEST_F(TransportTest, RejectsARangeOfOtherContent) {
  ScriptedAnswer other = part("bytes 3-4/5", "ve");
  other.headers.emplace_back("ETag", "\"other\"");
  http_.on(kHere, broken_off("\"tag\""));
  http_.on(kHere, other);
  http_.on(kHere, answer(200, "whole"));
  ASSERT_TRUE(download());
  EXPECT_THAT(receiver_.bodies, ElementsAre("hal", "whole"));
}

TEST_F(TransportTest, RejectsAnUnrequestedRange) {
  http_.on(kHere, part("bytes 0-4/5", "whole"));
  EXPECT_EQ(download().failure().reason, Reason::network_protocol);
  EXPECT_THAT(receiver_.bodies, IsEmpty());
}

TEST_F(TransportTest, ResumesAfterARangeThatIsTooShort) {
  http_.on(kHere, broken_off("\"tag\""));
  http_.on(kHere, part("bytes 3-3/5", "v"));
  http_.on(kHere, part("bytes 4-4/*", "e"));
  ASSERT_TRUE(download());
  EXPECT_THAT(receiver_.bodies, ElementsAre("halve"));
  EXPECT_THAT(http_.requests().back().headers, ElementsAre("Range: bytes=4-", "If-Range: \"tag\""));
}

TEST_F(TransportTest, RestartsADownloadAfterARangeThatIsTooLong) {
  http_.on(kHere, broken_off("\"tag\""));
  http_.on(kHere, part("bytes 3-4/5", "ves"));
  http_.on(kHere, answer(200, "whole"));
  ASSERT_TRUE(download());
  EXPECT_THAT(receiver_.bodies, ElementsAre("halves", "whole"));
}

TEST_F(TransportTest, RequestsTheWholeFileAfterRangeNotSatisfiable) {
  http_.on(kHere, broken_off("\"tag\""));
  http_.on(kHere, answer(416));
  http_.on(kHere, answer(200, "new"));
  const auto reply = download();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
  EXPECT_THAT(receiver_.bodies, ElementsAre("hal", "new"));
}

TEST_F(TransportTest, DoesNotPassAnErrorBodyToTheReceiver) {
  http_.on(kHere, redirect_to("/b"));
  http_.on("https://host/b", answer(404, "an HTML page"));
  const auto reply = download();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text, "an HTML page");
  EXPECT_THAT(receiver_.bodies, IsEmpty());
}

TEST_F(TransportTest, CountsAllAttemptsOfADownload) {
  http_.on(kHere, failing(ErrorKind::reset));
  http_.on(kHere, answer(200));
  ASSERT_TRUE(download());
  ASSERT_TRUE(download());
  EXPECT_EQ(receiver_.attempts, 3);
}

TEST_F(TransportTest, CountsTheAttemptsOfAFailedDownload) {
  http_.on(kHere, failing(ErrorKind::reset));
  EXPECT_FALSE(download());
  EXPECT_EQ(receiver_.attempts, 5);
}

TEST_F(TransportTest, ReturnsTheReceiversFailure) {
  http_.on(kHere, answer(200, "body"));
  receiver_.refusal = Failure{Reason::install_disk_full, "full"};
  EXPECT_EQ(download().failure().reason, Reason::install_disk_full);
  EXPECT_EQ(receiver_.attempts, 1);
}

}  // namespace
}  // namespace mesh::buildpack
