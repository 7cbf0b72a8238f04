#include "common/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mesh::text {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kReplacement = "\uFFFD";

std::string replacements(int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += kReplacement;
  return result;
}

TEST(ByteOrderMark, IsRemovedOnceAtTheStartOnly) {
  EXPECT_EQ(without_byte_order_mark("\xEF\xBB\xBF\xEF\xBB\xBF"
                                    "a"),
            "\xEF\xBB\xBF"
            "a");
  EXPECT_EQ(without_byte_order_mark("a\xEF\xBB\xBF"), "a\xEF\xBB\xBF");
  EXPECT_EQ(without_byte_order_mark("\xEF\xBB"), "\xEF\xBB");
}

TEST(IsAlphanumericOr, AcceptsAsciiLettersDigitsAndMarksOnly) {
  EXPECT_TRUE(is_alphanumeric_or("", "azAZ09"));
  EXPECT_TRUE(is_alphanumeric_or("-_", "a-_9"));
  EXPECT_TRUE(is_alphanumeric_or("", ""));
  for (const std::string_view other : {"/", ":", "@", "[", "`", "{", "-", "\xE4", "\x80"}) {
    EXPECT_FALSE(is_alphanumeric_or("_", other)) << other;
  }
}

TEST(HexValue, ReadsBothCases) {
  constexpr std::string_view kLower = "0123456789abcdef";
  constexpr std::string_view kUpper = "0123456789ABCDEF";
  for (std::size_t i = 0; i < kLower.size(); ++i) {
    EXPECT_EQ(hex_value(kLower[i]), i);
    EXPECT_EQ(hex_value(kUpper[i]), i);
  }
  for (const char other : {'g', 'G', '/', ':', '@', '`', '\xE4'}) EXPECT_EQ(hex_value(other), std::nullopt);
}

TEST(Trim, RemovesSpaceAtBothEndsOnly) {
  EXPECT_EQ(trim(" \t\r\n\v\fa b\r\n"), "a b");
  EXPECT_EQ(trim("a"), "a");
}

TEST(Trim, ReturnsEmptyTextForOnlySpaces) {
  EXPECT_EQ(trim(" \r\n "), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Trim, KeepsSpaceThatIsNotAscii) { EXPECT_EQ(trim("\u00A0a\u00A0"), "\u00A0a\u00A0"); }

TEST(Lower, ChangesAsciiLettersOnly) { EXPECT_EQ(lower("AZ[@Ä9"), "az[@Ä9"); }

TEST(EqualsIgnoringCase, ComparesWholeTexts) {
  EXPECT_TRUE(equals_ignoring_case("Latest", "lATEST"));
  EXPECT_FALSE(equals_ignoring_case("latest", "latest "));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_THAT(split(":a::b:", ':'), ElementsAre("", "a", "", "b", ""));
  EXPECT_THAT(split("", ':'), ElementsAre(""));
}

TEST(FirstLine, EndsAtAnyNewline) {
  EXPECT_EQ(first_line("a\r\nb"), "a");
  EXPECT_EQ(first_line("a\nb"), "a");
  EXPECT_EQ(first_line("a"), "a");
  EXPECT_EQ(first_line("\na"), "");
}

TEST(ValidUtf8, KeepsValidSequences) {
  for (const std::string_view valid : {"", "plain", "ä", "€", "😀", "\u0000", "\U0010FFFF", "\uD7FF", "\uE000"}) {
    EXPECT_EQ(valid_utf8(valid), valid);
  }
}

// Unicode 15, section 3.9, table 3-8: U+FFFD for non-shortest forms.
TEST(ValidUtf8, ReplacesEveryByteOfNonShortestForms) {
  EXPECT_EQ(valid_utf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"), replacements(8) + "A");
}

// Table 3-9: ill-formed sequences for surrogates.
TEST(ValidUtf8, ReplacesEveryByteOfSurrogates) {
  EXPECT_EQ(valid_utf8("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"), replacements(8) + "A");
}

// Table 3-10: other ill-formed sequences.
TEST(ValidUtf8, ReplacesEveryByteOfOtherIllFormedSequences) {
  EXPECT_EQ(valid_utf8("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"), replacements(5) + "A" + replacements(2) + "B");
}

// Table 3-11: truncated sequences.
TEST(ValidUtf8, ReplacesATruncatedSequenceOnce) {
  EXPECT_EQ(valid_utf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), replacements(4) + "A");
}

TEST(ValidUtf8, ReplacesASequenceTruncatedAtTheEnd) {
  EXPECT_EQ(valid_utf8("a\xF0\x9F\x98"), "a" + replacements(1));
  EXPECT_EQ(valid_utf8("a\xC3"), "a" + replacements(1));
}

TEST(Clip, CountsCharactersNotBytes) {
  EXPECT_EQ(clip("äöü", 2), "äö");
  EXPECT_EQ(clip("😀😀", 1), "😀");
}

TEST(Clip, KeepsShortTextUnchanged) {
  EXPECT_EQ(clip("äöü", 3), "äöü");
  EXPECT_EQ(clip("", 0), "");
}

TEST(Clip, ReturnsEmptyTextForEmptyText) { EXPECT_EQ(clip("ä", 0), ""); }

TEST(PrintableLine, ReplacesControlCharactersBySpaces) {
  EXPECT_EQ(printable_line("\x1b[31ma\nb\tc\x7F\0d\r\n", 100), "[31ma b c");
  EXPECT_EQ(printable_line(std::string_view("a\0b", 3), 100), "a b");
}

TEST(PrintableLine, ReplacesInvalidBytesAndClips) { EXPECT_EQ(printable_line("\xFF\xFFäbc", 3), "\uFFFD\uFFFDä"); }

TEST(Redact, RemovesUserInformation) {
  EXPECT_EQ(redact("https://user:secret@host/path"), "https://host/path");
  EXPECT_EQ(redact("https://token@host"), "https://host");
  EXPECT_EQ(redact("https://user:p@ss@host:8443/"), "https://host:8443/");
}

TEST(Redact, RemovesQueryAndFragment) {
  EXPECT_EQ(redact("https://host/path?X-Signature=secret"), "https://host/path");
  EXPECT_EQ(redact("https://host?secret"), "https://host");
  EXPECT_EQ(redact("https://host/path#secret"), "https://host/path");
}

TEST(RedactAddress, RemovesPossibleSecretsFromMalformedUrls) {
  EXPECT_EQ(redact_address("x:secret@github.com/acme"), "github.com/acme");
  EXPECT_EQ(redact_address("https://x:se\"c ret@host/a b?secret#secret"), "https://host/a b");
  EXPECT_EQ(redact_address("mesh?token=secret"), "mesh");
  EXPECT_EQ(redact_address("v0.1.2"), "v0.1.2");
  EXPECT_EQ(redact_address(""), "");
}

TEST(Redact, KeepsAnAtSignInAPath) { EXPECT_EQ(redact("https://host/@scope/a@b"), "https://host/@scope/a@b"); }

TEST(Redact, RedactsEveryUrlInAText) {
  EXPECT_EQ(redact("from https://a:b@one/?q to \"http://c@two/#f\" and <ftp://d@three>."),
            "from https://one/ to \"http://two/\" and <ftp://three>.");
}

TEST(Redact, KeepsOtherTextUnchanged) {
  EXPECT_EQ(redact("no address, a@b, what?"), "no address, a@b, what?");
  EXPECT_EQ(redact(""), "");
  EXPECT_EQ(redact("https://"), "https://");
}

TEST(Wrap, BreaksAtSpaces) { EXPECT_THAT(wrap("one two three", 7), ElementsAre("one two", "three")); }

TEST(Wrap, KeepsALongWordWhole) { EXPECT_THAT(wrap("a verylongword b", 4), ElementsAre("a", "verylongword", "b")); }

TEST(Wrap, CollapsesSpaces) { EXPECT_THAT(wrap("  a   b ", 10), ElementsAre("a b")); }

TEST(Wrap, ReturnsNoLineForEmptyText) { EXPECT_THAT(wrap("  ", 10), IsEmpty()); }

TEST(HumanBytes, ChoosesAUnit) {
  EXPECT_EQ(human_bytes(0), "0 bytes");
  EXPECT_EQ(human_bytes(812), "812 bytes");
  EXPECT_EQ(human_bytes(1'000), "1.0 kB");
  EXPECT_EQ(human_bytes(4'512'345), "4.5 MB");
  EXPECT_EQ(human_bytes(12'345'678'901), "12345.7 MB");
}

TEST(HumanDuration, IsLessPreciseForLongDurations) {
  EXPECT_EQ(human_duration(0ns), "0.000 s");
  EXPECT_EQ(human_duration(12'345us), "0.012 s");
  EXPECT_EQ(human_duration(1'804ms), "1.80 s");
  EXPECT_EQ(human_duration(12'340ms), "12.3 s");
  EXPECT_EQ(human_duration(64s), "1 min 4 s");
  EXPECT_EQ(human_duration(3'599s), "59 min 59 s");
}

TEST(Rfc3339, HasMillisecondsInUtc) {
  EXPECT_EQ(rfc3339(0ns), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(1'760'000'000s), "2025-10-09T08:53:20.000Z");
  EXPECT_EQ(rfc3339(951'827'696'789'999'999ns), "2000-02-29T12:34:56.789Z");
}

}  // namespace
}  // namespace mesh::text
