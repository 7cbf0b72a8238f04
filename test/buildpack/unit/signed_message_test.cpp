#include "buildpack/verify/signed_message.h"

#include <gtest/gtest.h>

namespace mesh::buildpack {
namespace {

using namespace std::string_literals;

const std::string kBody = "\4\0\x16\x08 the rest of a signature"s;

std::string old_format(const std::string& body) { return "\x88"s + static_cast<char>(body.size()) + body; }

TEST(SignedMessage, ConsistsOfSignatureAndLiteralDataHeader) {
  const std::string signature = old_format(kBody);
  EXPECT_EQ(signed_message_head(signature, 0x01020304 - 6), signature + "\xCB\xFF\1\2\3\4b\0\0\0\0\0"s);
}

TEST(SignedMessage, AcceptsEveryPacketFormat) {
  const std::string length = std::string(1, static_cast<char>(kBody.size()));
  const std::string large = kBody + std::string(1000 - kBody.size(), 'x');
  const std::string small = length + kBody;
  for (const std::string& head : {"\x88"s, "\x89\0"s, "\x8A\0\0\0"s, "\xC2"s, "\xC2\xFF\0\0\0"s}) {
    std::string signature = head;
    signature += small;
    EXPECT_TRUE(signed_message_head(signature, 1)) << testing::PrintToString(signature);
  }
  EXPECT_TRUE(signed_message_head("\xC2\xC3\x28" + large, 1));
}

TEST(SignedMessage, RejectsSeveralOrOtherPackets) {
  const std::string good = old_format(kBody);
  const std::string literal = "\xCB\7b\0\0\0\0\0x"s;
  const std::string one_pass = "\x90\x0D\3\0\x08\x16 12345671"s;
  for (const std::string& other : {good, literal, one_pass, "\xA3\1"s + literal, "\x98\3\4\0\0"s, "\0"s, "x"s, "\n"s}) {
    EXPECT_FALSE(signed_message_head(good + other, 1)) << testing::PrintToString(other);
    EXPECT_FALSE(signed_message_head(other + good, 1)) << testing::PrintToString(other);
  }
  EXPECT_FALSE(signed_message_head("", 1));
}

TEST(Signatures, ContainsOnlySignaturesRejectsOtherPackets) {
  const std::string good = old_format(kBody);
  const std::string text_document = old_format("\4\1rest"s);
  EXPECT_TRUE(contains_only_signatures(good));
  EXPECT_TRUE(contains_only_signatures(good + "\xC2\5\4\0one"s + text_document));
  const std::string literal = "\xCB\7b\0\0\0\0\0x"s;
  const std::string one_pass = "\x90\x0D\3\0\x08\x16 12345671"s;
  for (const std::string& other : {literal, one_pass, "\xA3\1"s + literal, "\xC8\2\0x"s, "\x98\3\4\0\0"s, "x"s, "\0"s}) {
    EXPECT_FALSE(contains_only_signatures(good + other)) << testing::PrintToString(other);
    EXPECT_FALSE(contains_only_signatures(other + good)) << testing::PrintToString(other);
  }
  EXPECT_FALSE(contains_only_signatures(""));
  for (std::size_t size = 1; size < good.size(); ++size) {
    EXPECT_FALSE(contains_only_signatures(good.substr(0, size))) << size;
    EXPECT_FALSE(contains_only_signatures(good + good.substr(0, size))) << size;
  }
  EXPECT_FALSE(contains_only_signatures("\xC2\xE4"s + kBody + good));  // a partial length
  EXPECT_FALSE(contains_only_signatures("\x8B"s + kBody));             // an indeterminate length
}

TEST(SignedMessage, RejectsATruncatedSignatureOrOneOfUnknownLength) {
  const std::string good = old_format(kBody);
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(signed_message_head(good.substr(0, size), 1)) << size;
  EXPECT_FALSE(signed_message_head("\x8B"s + kBody, 1));
  EXPECT_FALSE(signed_message_head("\xC2\xE4"s + kBody, 1));
  EXPECT_FALSE(signed_message_head("\xC2\xFF\xFF\xFF\xFF\xFF"s + kBody, 1));
}

TEST(SignedMessage, RejectsASignatureOfOtherTypesThanDocument) {
  for (const std::string& body : {"\4\1rest"s, "\4\2rest"s, "\4\x13rest"s, "\3\5\0rest"s, "\5\0rest"s, "\4"s, ""s}) {
    EXPECT_FALSE(signed_message_head(old_format(body), 1)) << testing::PrintToString(body);
  }
}

TEST(SignedMessage, RejectsContentAboveTheSizeLimit) {
  EXPECT_TRUE(signed_message_head(old_format(kBody), 0xFFFFFFFFull - 6));
  EXPECT_FALSE(signed_message_head(old_format(kBody), 0xFFFFFFFFull - 5));
  EXPECT_FALSE(signed_message_head(old_format(kBody), ~0ull));
}

}  // namespace
}  // namespace mesh::buildpack
