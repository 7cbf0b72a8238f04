#include "buildpack/fetch/download.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "buildpack/release/github_source.h"
#include "support/cpp/archives.h"
#include "support/cpp/manual_clock.h"
#include "support/cpp/memory_files.h"
#include "support/cpp/recording_console.h"
#include "support/cpp/scripted_http.h"

namespace mesh::buildpack {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kFirst = "https://host/v1/mesh.tar.gz";
const std::string kSecond = "https://host/1/mesh.tar.gz";

class DownloadTest : public testing::Test {
 protected:
  Result<std::optional<Downloaded>> run(std::initializer_list<std::string> urls) {
    Plan plan;
    for (const std::string& url : urls) plan.candidates.push_back({"tag-of-" + url, *Url::parse(url)});
    TRY_ASSIGN(Arrived arrived, download_.run(plan, source_, "", *file_, note_));
    if (auto* downloaded = std::get_if<Downloaded>(&arrived)) return std::optional(std::move(*downloaded));
    return std::optional<Downloaded>();
  }

  // Returns the failure of a download from a server that sends these bytes.
  Failure failure_of(ScriptedAnswer scripted) {
    http_ = {};
    http_.on(kFirst, std::move(scripted));
    auto result = run({kFirst});
    if (result) throw std::logic_error("it worked");
    return std::move(result).failure();
  }

  std::string on_disk() { return files_.content("/archive"); }

  MemoryFiles files_;
  ScriptedHttp http_;
  ManualClock clock_;
  RecordingConsole console_;
  ArchiveLimits limits_{.packed_bytes = 100'000};
  Transport transport_{http_, clock_, console_, {}};
  ReleaseRequest request_;
  GitHubSource source_{request_, transport_};
  Download download_{transport_, clock_, console_, limits_, Packaging::archive};
  std::unique_ptr<ArrivingFile> file_ = *ArrivingFile::create(files_, "/archive");
  std::vector<std::string> begun_;
  std::optional<std::uint64_t> announced_;
  std::vector<int> generations_;  // of the file, at each beginning
  const Beginning note_ = [this](const Artifact& artifact, std::optional<std::uint64_t> bytes) {
    begun_.push_back(artifact.tag);
    generations_.push_back(file_->generation());
    announced_ = bytes;
  };
  const std::string archive_ = release_archive(noise(5'000));
};

TEST_F(DownloadTest, WritesTheFileToDisk) {
  http_.on(kFirst, answer(200, archive_));
  const auto result = run({kFirst});
  ASSERT_TRUE(result);
  ASSERT_TRUE(*result);
  EXPECT_EQ(on_disk(), archive_);
  EXPECT_EQ((*result)->bytes, archive_.size());
  EXPECT_EQ((*result)->host, "host");
}

TEST_F(DownloadTest, ComputesTheDigest) {
  http_.on(kFirst, answer(200, archive_));
  Sha256Stream expected;
  expected.add(std::as_bytes(std::span(archive_)));
  EXPECT_EQ((*run({kFirst}))->sha256, expected.finish());
}

TEST_F(DownloadTest, ReturnsTheHostOfTheLastRedirect) {
  http_.on(kFirst, redirect_to("https://user:secret@storage.example/signed?secret"));
  http_.on("https://user:secret@storage.example/signed?secret", answer(200, archive_));
  EXPECT_EQ((*run({kFirst}))->host, "storage.example");
}

TEST_F(DownloadTest, TriesTheNextCandidateWhenNotFound) {
  http_.on(kFirst, answer(404, "not found"));
  http_.on(kSecond, answer(200, archive_));
  EXPECT_EQ((*run({kFirst, kSecond}))->artifact.tag, "tag-of-" + kSecond);
  EXPECT_EQ(on_disk(), archive_);
  EXPECT_EQ(download_.effort().attempts, 2);
}

TEST_F(DownloadTest, TriesNoOtherCandidateAfterOtherErrors) {
  http_.on(kFirst, answer(403));
  http_.on(kSecond, answer(200, archive_));
  EXPECT_EQ(run({kFirst, kSecond}).failure().reason, Reason::download_refused);
}

TEST_F(DownloadTest, CallsBeginningOnlyForTheExistingCandidate) {
  http_.on(kFirst, answer(404, "not found"));
  http_.on(kSecond, failing(ErrorKind::truncated, archive_.substr(0, 2'000)));
  http_.on(kSecond, answer(200, archive_));
  ASSERT_TRUE(run({kFirst, kSecond}));
  EXPECT_THAT(begun_, ElementsAre("tag-of-" + kSecond, "tag-of-" + kSecond));
}

TEST_F(DownloadTest, RestartsTheFileWhenItIsStillEmpty) {
  http_.on(kFirst, answer(200, "<html>a page</html>"));
  http_.on(kFirst, answer(200, archive_));
  ASSERT_TRUE(run({kFirst}));
  EXPECT_THAT(generations_, ElementsAre(0, 1));  // readers treat each as other content
  EXPECT_EQ(on_disk(), archive_);
}

TEST_F(DownloadTest, PassesTheAnnouncedSizeToBeginning) {
  ScriptedAnswer scripted = answer(200, archive_);
  scripted.headers = {{"Content-Length", std::to_string(archive_.size())}};
  http_.on(kFirst, scripted);
  ASSERT_TRUE(run({kFirst}));
  EXPECT_EQ(announced_, archive_.size());
}

TEST_F(DownloadTest, ReturnsNotFoundWhenNoCandidateExists) {
  http_.on(kSecond, answer(410));
  const auto result = run({kFirst, kSecond});
  ASSERT_TRUE(result);
  EXPECT_FALSE(*result);
}

TEST_F(DownloadTest, DistinguishesErrorReplies) {
  EXPECT_EQ(failure_of(answer(401)).reason, Reason::download_refused);
  EXPECT_EQ(failure_of(answer(429)).reason, Reason::download_refused);
  EXPECT_EQ(failure_of(answer(500)).reason, Reason::download_server_error);
  EXPECT_EQ(failure_of(answer(503)).detail, kFirst + " answered 503");
}

TEST_F(DownloadTest, RestartsTheFileWithEachAttempt) {
  http_.on(kFirst, failing(ErrorKind::truncated, archive_.substr(0, 2'000)));
  http_.on(kFirst, answer(200, archive_));
  const auto result = run({kFirst});
  ASSERT_TRUE(result);
  EXPECT_EQ(on_disk(), archive_);
  EXPECT_EQ((*result)->bytes, archive_.size());
  EXPECT_EQ(download_.effort().attempts, 2);
  EXPECT_EQ(download_.effort().bytes, 2'000 + archive_.size());
}

TEST_F(DownloadTest, RestartsTheFileWithEachPlan) {
  http_.on(kFirst, failing(ErrorKind::truncated, archive_.substr(0, 2'000)));
  http_.on(kFirst, answer(404));
  http_.on(kSecond, answer(200, archive_));
  ASSERT_FALSE(*run({kFirst}));
  const auto result = run({kSecond});
  ASSERT_TRUE(result);
  EXPECT_EQ(on_disk(), archive_);
  EXPECT_EQ(download_.effort().attempts, 3);
}

TEST_F(DownloadTest, DescribesOtherContentThanAnArchive) {
  const std::vector<std::pair<std::string, const char*>> answers = {
      {"", "an empty file"},
      {" \r\n", "an empty file"},
      {"<!DOCTYPE html><title>Sign in</title>", "an HTML page"},
      {"\n<HTML>", "an HTML page"},
      {"<?xml version=\"1.0\"?><Error>", "an XML document"},
      {"<Error><Code>AccessDenied</Code>", "an XML document"},
      {"{\"message\":\"secret\"}", "a JSON document"},
      {"\x7f"
       "ELF\x02",
       "an uncompressed executable"},
      {"PK\x03\x04", "a ZIP archive"},
      {"\xEF\xBB\xBF<html>", "an HTML page"},
      {"BZh9", "an archive in another format than gzip"},
      {"\xFD"
       "7zXZ",
       "an archive in another format than gzip"},
      {"\x28\xB5\x2F\xFD", "an archive in another format than gzip"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:secret", "a Git LFS pointer"},
      {"words", "an unknown format"},
      {"\x1f", "an unknown format"}};
  for (const auto& [body, words] : answers) {
    const Failure failure = failure_of(answer(200, body));
    EXPECT_EQ(failure.reason, Reason::download_not_an_archive) << body;
    EXPECT_THAT(failure.detail, HasSubstr(std::string("The server sent ") + words)) << body;
    EXPECT_THAT(failure.detail, testing::Not(HasSubstr("secret")));
  }
}

TEST_F(DownloadTest, DoesNotWriteAnErrorPageToDisk) {
  static_cast<void>(failure_of(answer(200, "<html>")));
  EXPECT_EQ(on_disk(), "");
}

TEST_F(DownloadTest, FailsWhenTheAnnouncedSizeIsTooLarge) {
  ScriptedAnswer large = answer(200, archive_);
  large.headers = {{"Content-Length", "100001"}};
  EXPECT_EQ(failure_of(large).reason, Reason::download_too_large);
  EXPECT_EQ(on_disk(), "");
}

TEST_F(DownloadTest, FailsWhenTheReceivedSizeIsTooLarge) {
  EXPECT_EQ(failure_of(answer(200, gzip(noise(120'000)))).reason, Reason::download_too_large);
  EXPECT_EQ(on_disk().size(), 100'000u);
  EXPECT_EQ(http_.requests().size(), 1u);
}

TEST_F(DownloadTest, ReturnsWriteFailure) {
  files_.fail("append", "/archive", ErrorKind::no_space);
  EXPECT_EQ(failure_of(answer(200, archive_)).reason, Reason::install_disk_full);
}

// Advances the clock while it sends.
class SlowHttp final : public Http {
 public:
  SlowHttp(ManualClock& clock, std::string body) : clock_(clock), body_(std::move(body)) {}

  common::Result<HttpResponse> send(const HttpRequest&, HttpSink& sink) override {
    HttpResponse response{200, {{"Content-Length", std::to_string(body_.size())}}};
    TRY(sink.begin(response));
    const auto half = std::as_bytes(std::span(body_)).first(body_.size() / 2);
    TRY(sink.body(half));
    for (int second = 0; second < 12; ++second) {
      clock_.advance(1s);
      TRY(sink.tick());
    }
    TRY(sink.body(std::as_bytes(std::span(body_)).subspan(half.size())));
    return response;
  }

 private:
  ManualClock& clock_;
  std::string body_;
};

TEST_F(DownloadTest, LogsProgressEveryFiveSeconds) {
  SlowHttp slow(clock_, gzip("").append(std::string(40'000, 'x')).substr(0, 40'000));
  const Transport transport(slow, clock_, console_, {});
  Download download(transport, clock_, console_, limits_, Packaging::archive);
  ASSERT_TRUE(download.run({{{"v1", *Url::parse(kFirst)}}}, source_, "", *file_, note_));
  EXPECT_THAT(console_.entries(),
              ElementsAre("detail: ... 20.0 kB of 40.0 kB so far", "detail: ... 20.0 kB of 40.0 kB so far"));
}

TEST_F(DownloadTest, LogsNoProgressWhenTheDownloadIsFast) {
  http_.on(kFirst, answer(200, archive_));
  ASSERT_TRUE(run({kFirst}));
  EXPECT_THAT(console_.entries(), testing::IsEmpty());
}

}  // namespace
}  // namespace mesh::buildpack
