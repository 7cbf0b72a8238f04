#include "common/digest.h"

#include <gtest/gtest.h>

namespace mesh {
namespace {

// The published examples of FIPS 180-4.
constexpr std::string_view kOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view kOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view kOfTwoBlocks = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
constexpr std::string_view kOfAMillion = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

std::string digest_of(std::string_view text) {
  Sha256Stream stream;
  stream.add(std::as_bytes(std::span(text)));
  return stream.finish().hex();
}

TEST(Sha256Stream, MatchesPublishedTestVectors) {
  EXPECT_EQ(digest_of("abc"), kOfAbc);
  EXPECT_EQ(digest_of(""), kOfNothing);
  EXPECT_EQ(digest_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), kOfTwoBlocks);
}

TEST(Sha256Stream, IsIndependentOfChunkSizes) {
  const std::string piece(1000, 'a');
  Sha256Stream stream;
  for (int i = 0; i < 1000; ++i) stream.add(std::as_bytes(std::span(piece)));
  EXPECT_EQ(stream.finish().hex(), kOfAMillion);
}

TEST(Sha256Stream, CanBeMoved) {
  Sha256Stream first;
  first.add(std::as_bytes(std::span(std::string_view("ab"))));
  Sha256Stream second = std::move(first);
  second.add(std::as_bytes(std::span(std::string_view("c"))));
  EXPECT_EQ(second.finish().hex(), kOfAbc);
}

TEST(Sha256Parse, AcceptsDigitsOfEitherCase) {
  std::string upper(kOfAbc);
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  ASSERT_TRUE(Sha256::parse(upper));
  EXPECT_EQ(Sha256::parse(upper)->hex(), kOfAbc);
}

TEST(Sha256Parse, AcceptsTheSha256Prefix) {
  EXPECT_EQ(Sha256::parse("sha256:" + std::string(kOfAbc)), Sha256::parse(kOfAbc));
}

TEST(Sha256Parse, ComparesDigests) { EXPECT_NE(Sha256::parse(kOfAbc), Sha256::parse(kOfNothing)); }

TEST(Sha256Parse, RejectsOtherText) {
  const std::string digits(kOfAbc);
  for (const std::string& text :
       {std::string(), digits.substr(1), digits + "0", " " + digits, "0x" + digits.substr(2), "SHA256:" + digits,
        "sha512:" + digits, "sha256:sha256:" + digits, digits.substr(1) + "g", digits.substr(1) + "\n"}) {
    EXPECT_FALSE(Sha256::parse(text)) << text;
  }
}

}  // namespace
}  // namespace mesh
