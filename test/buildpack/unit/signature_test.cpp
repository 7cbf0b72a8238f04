#include "buildpack/verify/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "buildpack/verify/signed_message.h"
#include "support/cpp/byte_sources.h"
#include "support/cpp/memory_files.h"
#include "support/cpp/scripted_processes.h"

namespace mesh::buildpack {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kKey(40, 'A');
const std::string kOtherKey(40, 'B');

// gpgv's status lines for a good signature (GnuPG, doc/DETAILS).
std::string valid(const std::string& kind, const std::string& key) {
  return "[GNUPG:] NEWSIG\n[GNUPG:] KEY_CONSIDERED " + key + " 0\n[GNUPG:] " + kind + " 1111111111111111 Somebody <a@b>\n" +
         "[GNUPG:] VALIDSIG " + std::string(40, 'C') + " 2025-06-26 1750950000 0 4 0 22 10 00 " + key + "\n";
}

const std::string kUnknown =
    "[GNUPG:] NEWSIG\n[GNUPG:] ERRSIG 2222222222222222 1 10 00 1750950000 9 DDDD\n[GNUPG:] NO_PUBKEY 2222222222222222\n";

class SignatureTest : public testing::Test {
 protected:
  SignatureTest() { files_.put_directory("/scratch"); }

  Result<SignedBy> check(const std::string& status, int exit_code = 0) {
    processes_.next(ProgramEnd{.exit_code = exit_code, .output = status, .errors = "gpgv: noise\ngpgv: the last word\n"});
    return check_signature({source_of("the program"), bytes_, signature_, key_, "/scratch", "/usr/bin/gpgv"}, files_,
                           processes_);
  }

  Reason reason(const std::string& status, int exit_code = 2) { return check(status, exit_code).failure().reason; }

  std::optional<std::uint64_t> bytes_;
  std::string signature_ = std::string("\x88\3\4\1s", 5);
  std::string key_ = "\x99 key";
  MemoryFiles files_;
  ScriptedProcesses processes_;
};

TEST_F(SignatureTest, ReturnsTheFingerprintOfThePrimaryKey) {
  const auto by = check(valid("GOODSIG", kKey));
  ASSERT_TRUE(by);
  EXPECT_THAT(by->fingerprints, ElementsAre(kKey));
  EXPECT_FALSE(by->key_has_expired);
}

TEST_F(SignatureTest, RunsGpgvInAnEmptyEnvironment) {
  ASSERT_TRUE(check(valid("GOODSIG", kKey)));
  const Program& gpgv = processes_.programs().at(0);
  EXPECT_EQ(gpgv.file, "/usr/bin/gpgv");
  EXPECT_THAT(gpgv.arguments,
              ElementsAre("--status-fd", "1", "--keyring", "/scratch/keyring.gpg", "--", "/scratch/signature.sig", "-"));
  EXPECT_THAT(processes_.inputs(), ElementsAre("the program"));
  EXPECT_THAT(gpgv.environment, Contains("LC_ALL=C"));
  EXPECT_EQ(files_.content("/scratch/keyring.gpg"), key_);
  EXPECT_EQ(files_.content("/scratch/signature.sig"), signature_);
}

TEST_F(SignatureTest, BuildsASignedMessageWhenTheSizeIsKnown) {
  bytes_ = 11;
  signature_ = std::string("\x88\3\4\0s", 5);
  ASSERT_TRUE(check(valid("GOODSIG", kKey)));
  EXPECT_THAT(processes_.programs().at(0).arguments,
              ElementsAre("--status-fd", "1", "--keyring", "/scratch/keyring.gpg", "--", "-"));
  EXPECT_THAT(processes_.inputs(), ElementsAre(*signed_message_head(signature_, 11) + "the program"));
}

TEST_F(SignatureTest, AcceptsASignatureByAnExpiredKey) {
  const auto by = check(valid("EXPKEYSIG", kKey));
  ASSERT_TRUE(by);
  EXPECT_TRUE(by->key_has_expired);
}

TEST_F(SignatureTest, AcceptsAGoodSignatureBesideOneByAnUnknownKey) {
  for (const std::string& status : {kUnknown + valid("GOODSIG", kKey), valid("GOODSIG", kKey) + kUnknown}) {
    const auto by = check(status, 2);
    ASSERT_TRUE(by);
    EXPECT_THAT(by->fingerprints, ElementsAre(kKey));
  }
}

TEST_F(SignatureTest, RejectsAGoodSignatureBesideABadOne) {
  EXPECT_EQ(reason(valid("GOODSIG", kKey) + "[GNUPG:] NEWSIG\n[GNUPG:] BADSIG 2222222222222222 x\n"),
            Reason::verify_signature_bad);
}

TEST_F(SignatureTest, RejectsInvalidSignaturesWithAnyExitCode) {
  EXPECT_EQ(reason("[GNUPG:] NEWSIG\n[GNUPG:] BADSIG 1111111111111111 x\n", 0), Reason::verify_signature_bad);
  EXPECT_EQ(reason(valid("REVKEYSIG", kKey), 0), Reason::verify_key_revoked);
  EXPECT_EQ(reason(valid("EXPSIG", kKey), 0), Reason::verify_signature_expired);
  EXPECT_EQ(reason(kUnknown, 0), Reason::verify_key_unknown);
  EXPECT_EQ(reason("[GNUPG:] NODATA 4\n", 0), Reason::verify_signature_malformed);
  EXPECT_EQ(reason("", 0), Reason::verify_tool_failed);
}

TEST_F(SignatureTest, IgnoresStatusLinesInsideOtherOutput) {
  std::string in_passing = valid("GOODSIG", kKey);
  for (std::size_t at = 0; (at = in_passing.find("[GNUPG:]", at)) != std::string::npos; at += 10) in_passing.insert(at, " ");
  EXPECT_EQ(reason(in_passing, 0), Reason::verify_tool_failed);
  // The status of one signature does not apply to the next.
  EXPECT_EQ(reason("[GNUPG:] GOODSIG 1 x\n[GNUPG:] NEWSIG\n[GNUPG:] VALIDSIG " + kKey + "\n", 0),
            Reason::verify_tool_failed);
}

TEST_F(SignatureTest, NamesTheUnknownKey) { EXPECT_THAT(check(kUnknown).failure().detail, HasSubstr("2222222222222222")); }

TEST_F(SignatureTest, HasTheLastLineOfGpgvAsDetail) {
  EXPECT_EQ(check("", 2).failure().detail, "gpgv: the last word");
  processes_.next(ProgramEnd{.timed_out = true});
  EXPECT_EQ(check_signature({source_of("the program"), bytes_, signature_, key_, "/scratch", "/gpgv"}, files_, processes_)
                .failure()
                .reason,
            Reason::verify_tool_failed);
}

TEST_F(SignatureTest, RejectsMalformedSignaturesAndKeys) {
  for (const char* text : {"", "<html>", "<?xml version=\"1.0\"?><Error>", "-----BEGIN PGP SIGNATURE-----\n\n!!!!\n"}) {
    signature_ = text;
    EXPECT_EQ(reason(valid("GOODSIG", kKey)), Reason::verify_signature_malformed) << text;
    EXPECT_EQ(check("").failure().detail, "The downloaded signature is not an OpenPGP signature.");
    signature_ = std::string("\x88\3\4\1s", 5);
    key_ = text;
    EXPECT_EQ(check("").failure().detail, "The downloaded key is not an OpenPGP key.") << text;
    key_ = "\x99";
  }
  EXPECT_TRUE(processes_.programs().empty());
}

TEST_F(SignatureTest, RejectsASignatureWithEmbeddedContent) {
  const std::string literal("\xCB\7b\0\0\0\0\0x", 9);
  for (const std::string& text : {literal + signature_, signature_ + literal}) {
    signature_ = text;
    EXPECT_EQ(reason(valid("GOODSIG", kKey), 0), Reason::verify_signature_malformed) << testing::PrintToString(text);
  }
  EXPECT_TRUE(processes_.programs().empty());
}

TEST_F(SignatureTest, ReturnsBuildInterruptedWhenStopped) {
  processes_.next([](const Program&) -> common::Result<ProgramEnd> { return Error{ErrorKind::cancelled, ""}; });
  EXPECT_EQ(check_signature({source_of("the program"), bytes_, signature_, key_, "/scratch", "/gpgv"}, files_, processes_)
                .failure()
                .reason,
            Reason::build_interrupted);
}

TEST(WithoutArmour, ReturnsTheBytes) {
  // "\x99ab" and "\x99cd" in base64.
  const std::string one =
      "-----BEGIN PGP PUBLIC KEY BLOCK-----\r\nComment: x\r\n\r\nmWFi\r\n=abcd\r\n-----END PGP PUBLIC KEY BLOCK-----\r\n";
  EXPECT_EQ(without_armour(one),
            "\x99"
            "ab");
  EXPECT_EQ(without_armour("\xEF\xBB\xBF" + one), without_armour(one));
  const std::string two =
      "Some words\n" + one + "more\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmWNk\n-----END PGP PUBLIC KEY BLOCK-----";
  EXPECT_EQ(without_armour(two),
            "\x99"
            "ab\x99"
            "cd");
  EXPECT_EQ(without_armour("\x99 binary \n"), "\x99 binary \n");
  EXPECT_FALSE(without_armour("\xEF\xBB\xBF\x99 binary \n"));  // only texts have a byte order mark
}

TEST(WithoutArmour, ReturnsNulloptForOtherInput) {
  for (const char* text : {"", "words", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n", "-----BEGIN PGP X-----\n\nm*\n"}) {
    EXPECT_FALSE(without_armour(text)) << text;
  }
}

TEST(JudgeKey, TrustsOnlyPinnedKeysWhenKeysArePinned) {
  const SignedBy by{{kKey}};
  EXPECT_EQ(judge_key(by, {.pinned = {kOtherKey, kKey}})->trust, KeyTrust::pinned);
  EXPECT_EQ(judge_key(by, {.pinned = {kOtherKey}}).failure().reason, Reason::verify_key_unknown);
  EXPECT_THAT(judge_key(by, {.pinned = {kOtherKey}, .remembered = kKey}).failure().detail,
              testing::AllOf(HasSubstr(kKey), HasSubstr(kOtherKey)));
}

TEST(JudgeKey, TrustsTheRememberedKey) {
  EXPECT_EQ(judge_key({{kOtherKey, kKey}}, {.remembered = kKey})->trust, KeyTrust::remembered);
  EXPECT_EQ(judge_key({{kKey}}, {.remembered = kOtherKey}).failure().reason, Reason::verify_key_changed);
}

TEST(JudgeKey, TrustsAnyKeyOnFirstUse) {
  const auto trusted = judge_key({{kKey, kOtherKey}}, {});
  EXPECT_EQ(trusted->trust, KeyTrust::first_use);
  EXPECT_EQ(trusted->fingerprint, kKey);
}

TEST(JudgeKey, TrustsAnExpiredKeyOnlyWhenPinnedOrRemembered) {
  const SignedBy by{{kKey}, true};
  EXPECT_EQ(judge_key(by, {}).failure().reason, Reason::verify_key_expired);
  EXPECT_TRUE(judge_key(by, {.pinned = {kKey}}));
  EXPECT_TRUE(judge_key(by, {.remembered = kKey}));
}

}  // namespace
}  // namespace mesh::buildpack
