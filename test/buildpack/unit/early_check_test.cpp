#include "buildpack/verify/early_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/cpp/manual_clock.h"
#include "support/cpp/memory_files.h"
#include "support/cpp/recording_console.h"
#include "support/cpp/scripted_http.h"
#include "support/cpp/scripted_processes.h"

namespace mesh::buildpack {
namespace {

using testing::ElementsAre;

constexpr const char* kSignature = "https://host/mesh.asc";
constexpr const char* kKey = "https://host/key.asc";
const std::string kSignaturePacket = "\x88\x03\x04\x01s";

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

class EarlyCheckTest : public testing::Test {
 protected:
  EarlyCheckTest() {
    files_.put_directory("/scratch");
    http_.on(kSignature, answer(200, kSignaturePacket));
    http_.on(kKey, answer(200, "\x99 key"));
  }

  std::unique_ptr<EarlyCheck> start(std::string known_keys = "") {
    Artifact artifact{.tag = "latest", .url = *Url::parse("https://host/mesh")};
    artifact.signature = Url::parse(kSignature);
    artifact.public_key = Url::parse(kKey);
    return std::make_unique<EarlyCheck>(std::move(artifact), std::nullopt, std::move(known_keys), "/scratch", *file_,
                                        SignatureTools{transport_, files_, processes_, "/usr/bin/gpgv"});
  }

  void gpgv_says(std::string status) { processes_.next(ProgramEnd{.exit_code = 0, .output = std::move(status)}); }

  MemoryFiles files_;
  ScriptedHttp http_;
  ManualClock clock_;
  RecordingConsole console_;
  ScriptedProcesses processes_;
  Transport transport_{http_, clock_, console_, {}};
  std::unique_ptr<ArrivingFile> file_ = *ArrivingFile::create(files_, "/program");
};

TEST_F(EarlyCheckTest, PassesTheFileToGpgvDuringTheDownload) {
  gpgv_says("[GNUPG:] GOODSIG 1 x\n[GNUPG:] VALIDSIG " + std::string(40, 'A') + "\n");
  const auto check = start();
  for (const char* part : {"one ", "two ", "three"}) ASSERT_TRUE(file_->append(bytes(part)));
  file_->complete();
  const auto by = check->finish();
  ASSERT_TRUE(by && *by);
  EXPECT_THAT((*by)->fingerprints, ElementsAre(std::string(40, 'A')));
  EXPECT_THAT(processes_.inputs(), ElementsAre("one two three"));
  EXPECT_EQ(files_.content("/scratch/keyring.gpg"), "\x99 key");
  EXPECT_EQ(files_.content("/scratch/signature.sig"), kSignaturePacket);
}

TEST_F(EarlyCheckTest, ReturnsTheFailureOfTheSignature) {
  gpgv_says("[GNUPG:] BADSIG 1 x\n");
  const auto check = start();
  file_->complete();
  const auto by = check->finish();
  ASSERT_TRUE(by);
  EXPECT_EQ(by->failure().reason, Reason::verify_signature_bad);
}

TEST_F(EarlyCheckTest, DoesNotDownloadAKnownKey) {
  const auto check = start("\x99 known");
  file_->complete();
  ASSERT_TRUE(check->finish());
  EXPECT_THAT(http_.addresses(), ElementsAre(kSignature));
  EXPECT_EQ(files_.content("/scratch/keyring.gpg"), "\x99 known");
}

TEST_F(EarlyCheckTest, ReturnsNulloptWhenTheFirstAttemptToFetchFails) {
  for (const bool has_signature : {false, true}) {
    http_ = {};
    if (has_signature) http_.on(kSignature, answer(200, kSignaturePacket));
    http_.on(has_signature ? kKey : kSignature, answer(503));
    const auto check = start();
    file_->complete();
    EXPECT_FALSE(check->finish()) << has_signature;
  }
  EXPECT_TRUE(processes_.programs().empty());
}

TEST_F(EarlyCheckTest, DestructorStopsTheThreadWhenTheFileIsIncomplete) {
  const auto check = start();
  ASSERT_TRUE(file_->append(bytes("a part")));
}

TEST_F(EarlyCheckTest, ChecksTheNewGenerationWhenTheFileRestarts) {
  auto check = start();
  ASSERT_TRUE(file_->append(bytes("first")));
  ASSERT_TRUE(file_->restart());
  check.reset();
  check = start();
  ASSERT_TRUE(file_->append(bytes("second")));
  file_->complete();
  ASSERT_TRUE(check->finish());
  EXPECT_EQ(processes_.inputs().back(), "second");
}

}  // namespace
}  // namespace mesh::buildpack
