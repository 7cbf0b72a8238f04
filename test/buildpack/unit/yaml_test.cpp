#include "buildpack/report/yaml.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <vector>

#include "common/text.h"

namespace mesh::buildpack {
namespace {

// Writes the text as the value of a key, and returns the value that a YAML reader parses.
std::string read_back(std::string_view text) {
  const YAML::Node node = YAML::Load(to_yaml({{"key", std::string(text)}}))["key"];
  EXPECT_EQ(node.Tag(), "!") << text;  // quoted, so always a string
  return node.Scalar();
}

TEST(Yaml, RoundTripsStringsThatYamlReadsAsOtherTypes) {
  for (const char* text : {"",           "null",    "~",          "Null",
                           "yes",        "no",      "on",         "off",
                           "y",          "N",       "true",       "True",
                           "TRUE",       "false",   "1",          "1.10",
                           "0.1",        "+1",      "-1",         ".5",
                           "1.",         "00",      "-0",         "-.5",
                           "0123",       "0x1F",    "0b101",      "1_000",
                           "0o17",       "08",      "09",         "1e5",
                           "1.5e3",      "6.02e23", "12:30",      "190:20:30",
                           "1:2",        "1,000",   ".inf",       "-.inf",
                           ".nan",       "+.INF",   "2024-01-02", "2024-01-02T03:04:05Z",
                           "2024-13-45", "=",       "<<",         "---",
                           "--- a",      "... a",   "...",        "v1.0.0",
                           "1.2.3",      " a",      "a ",         " ",
                           ": ",         "a: b",    "a #b",       "#",
                           "- a",        "-",       "?",          "? a",
                           "!tag",       "&anchor", "*alias",     "|",
                           ">",          "%YAML",   "@a",         "`a",
                           "[a]",        "{a: b}",  "[",          "]",
                           "{",          "}",       ",",          "'",
                           "\"",         "a\"b",    "\\",         "\\n",
                           "a\\\"b",     "C:\\x",   "/",          "&amp;",
                           "${HOME}",    "%s",      "{}",         "{0}"}) {
    EXPECT_EQ(read_back(text), text);
  }
}

TEST(Yaml, RoundTripsEveryAsciiCharacter) {
  for (int code = 1; code < 0x80; ++code) {
    const std::string text{'a', static_cast<char>(code), 'b'};
    EXPECT_EQ(read_back(text), text) << code;
  }
  EXPECT_EQ(read_back(std::string_view("a\0b", 3)), std::string("a\0b", 3));
}

TEST(Yaml, RoundTripsOtherCharacters) {
  for (const char* text : {"ä", "€", "😀", "a\rb", "\r", "a\nb", "a\tb", "\u0085", "\u00A0", "\u2028", "\u2029", "\uFEFF",
                           "\uFFFD", "\U0001F1E9\U0001F1EA", "\U0010FFFF", "日本語", "e\u0301"}) {
    EXPECT_EQ(read_back(text), text);
  }
}

TEST(Quoted, EscapesOnlyWithJsonEscapes) {
  EXPECT_EQ(buildpack::quoted("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(buildpack::quoted("/'"), "\"/'\"");
  EXPECT_EQ(buildpack::quoted(std::string_view("\0\t\n\r\x1b", 5)), R"("\u0000\u0009\u000a\u000d\u001b")");
}

TEST(Quoted, EscapesNonPrintableCharactersOfYaml) {
  EXPECT_EQ(buildpack::quoted("\x7f"), R"("\u007f")");
  EXPECT_EQ(buildpack::quoted("\u0080\u0085\u009f"), R"("\u0080\u0085\u009f")");
  EXPECT_EQ(buildpack::quoted("\u2028\u2029\uFEFF"), R"("\u2028\u2029\ufeff")");
  EXPECT_EQ(buildpack::quoted("\uFFFE\uFFFF"), R"("\ufffe\uffff")");
}

TEST(Quoted, KeepsOtherCharactersUnchanged) {
  EXPECT_EQ(buildpack::quoted("ä€😀\u00A0\uE000\uFFFD"), "\"ä€😀\u00A0\uE000\uFFFD\"");
}

TEST(Quoted, ReplacesInvalidUtf8) { EXPECT_EQ(buildpack::quoted("a\xFF\xC3"), "\"a\uFFFD\uFFFD\""); }

TEST(Quoted, TruncatesAtTwoHundredCharacters) {
  std::string text;
  for (int i = 0; i < 199; ++i) text += "😀";
  EXPECT_EQ(buildpack::quoted(text + "ä"), "\"" + text + "ä\"");
  EXPECT_EQ(buildpack::quoted(text + "äö"), "\"" + text + "ä\"");
  EXPECT_EQ(read_back(std::string(10'000, 'x')), std::string(200, 'x'));
}

TEST(Yaml, WritesOneKeyAndScalarPerLine) {
  EXPECT_EQ(to_yaml({{"b", std::string("x")}, {"a", std::int64_t{-7}}, {"c", true}, {"d", false}, {"e", 1.5}}),
            "a: -7\nb: \"x\"\nc: true\nd: false\ne: 1.500000\n");
}

TEST(Yaml, WritesDurationsWithSixDecimals) {
  EXPECT_EQ(to_yaml({{"a", 0.0}}), "a: 0.000000\n");
  EXPECT_EQ(to_yaml({{"a", 0.0000004}}), "a: 0.000000\n");
  EXPECT_EQ(to_yaml({{"a", 123456.789}}), "a: 123456.789000\n");
  EXPECT_EQ(to_yaml({{"a", 0.1}}), "a: 0.100000\n");
}

TEST(Yaml, WritesAnEmptyMapping) { EXPECT_EQ(to_yaml({}), "{}\n"); }

}  // namespace
}  // namespace mesh::buildpack
