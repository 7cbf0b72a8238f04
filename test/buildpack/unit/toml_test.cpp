#include "buildpack/cnb/toml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mesh::buildpack::cnb {
namespace {

using testing::ElementsAre;
using testing::Optional;

TomlTable parsed(std::string_view text) {
  const auto table = parse_toml(text);
  EXPECT_TRUE(table) << text;
  return table.value_or(TomlTable());
}

std::string rewritten(std::string_view text) { return write_toml(parsed(text)); }

TEST(TomlTest, ParsesFilesOfTheLifecycle) {
  const TomlTable launch = parsed(
      "[[processes]]\n"
      "type = \"web\"\n"
      "command = [\"bash\", '-c']  # a comment\n"
      "default = true\n"
      "[[processes]]\n"
      "type = \"worker\"\n");
  const TomlArray* processes = launch.array("processes");
  ASSERT_NE(processes, nullptr);
  ASSERT_EQ(processes->size(), 2U);
  const TomlTable* web = processes->front().table();
  ASSERT_NE(web, nullptr);
  EXPECT_THAT(web->text("type"), Optional(std::string("web")));
  EXPECT_THAT(texts(*web->array("command")), Optional(ElementsAre("bash", "-c")));
  EXPECT_THAT(web->boolean("default"), Optional(true));
}

TEST(TomlTest, ANumberReadsTheSameWithAndWithoutAFraction) {
  const TomlTable metadata = *parsed("[metadata]\nwritten = 3\nreturned = 3.0\ntext = \"3\"\n").table("metadata");
  EXPECT_THAT(metadata.number("written"), Optional(3.0));
  EXPECT_THAT(metadata.number("returned"), Optional(3.0));
  EXPECT_EQ(metadata.number("text"), std::nullopt);
}

TEST(TomlTest, TreatsOtherTypesAsMissing) {
  const TomlTable table = parsed("a = 1\nb = \"x\"\nc = [1, \"x\"]\n");
  EXPECT_EQ(table.text("a"), std::nullopt);
  EXPECT_EQ(table.text("missing"), std::nullopt);
  EXPECT_EQ(table.boolean("b"), std::nullopt);
  EXPECT_EQ(table.table("c"), nullptr);
  EXPECT_EQ(table.array("b"), nullptr);
  EXPECT_EQ(texts(*table.array("c")), std::nullopt);
}

TEST(TomlTest, RejectsMalformedToml) {
  for (const std::string_view text :
       {"a", "a = ", "a = 1\na = 2", "[a", "a = \"\\q\"", "a = 'x\n'", "= 1", "[\x11", "a = \xFF", "\"a\" = \"\xC3\"",
        "a = 1 b = 2", "a\u00A0= 1", "a = 1\v\n", "\u00E9 = 1", "a = \"\"\"\\\u00E9\"\"\"", "# \x01"}) {
    EXPECT_FALSE(parse_toml(text)) << text;
  }
  EXPECT_FALSE(parse_toml(std::string_view("a = \"\0\"", 7)));
}

TEST(TomlTest, RejectsOversizedText) {
  EXPECT_TRUE(parse_toml(std::string(kMaxTomlBytes, '\n')));
  EXPECT_FALSE(parse_toml(std::string(kMaxTomlBytes + 1, '\n')));
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

TEST(TomlTest, RejectsDeepNesting) {
  EXPECT_TRUE(parse_toml("a = " + repeated("[", 20) + repeated("]", 20)));
  EXPECT_FALSE(parse_toml("a = " + repeated("[", 100'000)));
  EXPECT_TRUE(parse_toml(repeated("a.", 60) + "a = 1"));
  for (const std::string& key : {repeated("a.", 100'000), repeated("'a'.", 50'000), repeated("a . ", 50'000)}) {
    EXPECT_FALSE(parse_toml(key + "a = 1"));
    EXPECT_FALSE(parse_toml("[" + key + "a]"));
    EXPECT_FALSE(parse_toml("x = { " + key + "a = 1 }"));
    EXPECT_FALSE(parse_toml("x = \"\"\"\"\"\"\"\"\n" + key + "a = 1"));
    EXPECT_FALSE(parse_toml("x = '#' # '\n" + key + "a = 1"));
  }
  EXPECT_FALSE(parse_toml("x = " + repeated("{ " + repeated("a.", 50) + "a = ", 50) + "1" + repeated("}", 50)));
}

TEST(TomlTest, DotsInTextsAreNotDepth) {
  const std::string jars = repeated("lib-1.2.3.jar:", 1000);
  const TomlTable table =
      parsed("a = \"" + jars + "\\\"." + "\" # " + jars + "\nb = '''\n" + jars + "'''''\nc = '" + jars + "'");
  EXPECT_THAT(table.text("a"), Optional(jars + "\"."));
  EXPECT_THAT(table.text("b"), Optional(jars + "''"));
  EXPECT_THAT(table.text("c"), Optional(jars));
}

TEST(TomlTest, AcceptsAnyCharacterInTextsAndComments) {
  const TomlTable table =
      parsed("\uFEFFa = \"\u00E9\u03A2\u00A0\" # \u00E9\nb = \"\"\"\\\n \u00E9\"\"\"\n\"\u00E9\" = '\u00E9'\n");
  EXPECT_THAT(table.text("a"), Optional(std::string("\u00E9\u03A2\u00A0")));
  EXPECT_THAT(table.text("b"), Optional(std::string("\u00E9")));
  EXPECT_THAT(table.text("\u00E9"), Optional(std::string("\u00E9")));
}

TEST(TomlTest, ParsesManyMembers) {
  std::string text;
  for (int i = 0; text.size() < kMaxTomlBytes - 20; ++i) text += "a" + std::to_string(i) + "=1\n";
  EXPECT_GT(parsed(text).members().size(), 20'000U);
}

TEST(TomlTest, WritesMembersThenTables) {
  TomlTable process;
  process.set("type", "web").set("command", std::vector<std::string>{"mesh", "--"}).set("default", true);
  TomlTable label;
  label.set("key", "a.b").set("value", "1");
  TomlTable launch;
  launch.set("labels", TomlArray{label}).set("processes", TomlArray{process, process});
  launch.set("types", TomlTable().set("launch", true)).set("n", std::int64_t{3});
  EXPECT_EQ(write_toml(launch),
            "n = 3\n\n"
            "[[labels]]\nkey = \"a.b\"\nvalue = \"1\"\n\n"
            "[[processes]]\ntype = \"web\"\ncommand = [\"mesh\", \"--\"]\ndefault = true\n\n"
            "[[processes]]\ntype = \"web\"\ncommand = [\"mesh\", \"--\"]\ndefault = true\n\n"
            "[types]\nlaunch = true\n");
}

TEST(TomlTest, SettingAMemberAgainReplacesIt) {
  EXPECT_EQ(write_toml(TomlTable().set("a", "1").set("b", "2").set("a", "3")), "a = \"3\"\nb = \"2\"\n");
}

TEST(TomlTest, EscapesSpecialCharacters) {
  std::string all;
  for (int c = 0; c < 0x80; ++c) all += static_cast<char>(c);
  all += "\xC3\xA9\xF0\x9F\x9A\x80";
  const std::string written = write_toml(TomlTable().set("text", all));
  EXPECT_THAT(written, testing::HasSubstr("\\u0000\\u0001"));
  EXPECT_THAT(written, testing::HasSubstr("\\b\\t\\n\\u000B\\f\\r"));
  EXPECT_THAT(written, testing::HasSubstr("\\u007F"));
  EXPECT_THAT(parsed(written).text("text"), Optional(all));
}

TEST(TomlTest, ReplacesInvalidUtf8) {
  EXPECT_EQ(write_toml(TomlTable().set("text", "a\xFFz")), "text = \"a\xEF\xBF\xBDz\"\n");
}

TEST(TomlTest, QuotesOtherKeys) {
  const std::string written = write_toml(TomlTable().set("a.b", "1").set("", "2").set("c", TomlTable().set("d e", true)));
  EXPECT_EQ(written, "\"a.b\" = \"1\"\n\"\" = \"2\"\n\n[c]\n\"d e\" = true\n");
  EXPECT_EQ(rewritten(written), "\"\" = \"2\"\n\"a.b\" = \"1\"\n\n[c]\n\"d e\" = true\n");
}

TEST(TomlTest, WritesEveryTypeAsParsed) {
  for (const std::string_view text :
       {"a = 1\n", "a = -9223372036854775808\n", "a = 1.5\n", "a = 3.0\n", "a = 1e+30\n", "a = inf\n", "a = -inf\n",
        "a = nan\n", "a = true\n", "a = []\n", "a = [[], [1, \"x\"], { b = { c = 1 } }, {}]\n", "a = 1979-05-27\n",
        "a = 07:32:00\n", "a = 07:32:00.000000001\n", "a = 1979-05-27T07:32:00Z\n", "a = 1979-05-27T07:32:00-07:30\n",
        "a = 1979-05-27T07:32:00\n", "\n"}) {
    EXPECT_EQ(rewritten(text), text == "\n" ? "" : text);
  }
}

TEST(TomlTest, NestedTablesAreReadAgain) {
  const std::string_view text = "[a]\nb = 1\n\n[[a.c]]\n\n[a.c.d]\ne = 1\n\n[[a.c]]\nd = 2\n\n[a.f]\n";
  EXPECT_EQ(rewritten(text), text);
}

}  // namespace
}  // namespace mesh::buildpack::cnb
