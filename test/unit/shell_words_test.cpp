#include "procfile/shell_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "procfile/shell_commands.h"

namespace mesh::procfile {
namespace {

using testing::ElementsAre;

std::vector<std::string> values(std::string_view text) {
  std::vector<std::string> result;
  for (const Token& token : tokenize(text)) result.push_back(token.value);
  return result;
}

// The programs of a text's commands.
std::vector<std::string> programs(std::string_view text) {
  std::vector<std::string> result;
  for (const Command& command : parse_commands(text)) result.push_back(command.words.empty() ? "" : command.words[0].value);
  return result;
}

TEST(ShellWords, AreSplitAtBlanks) { EXPECT_THAT(values("  a b\t c  "), ElementsAre("a", "b", "c")); }

TEST(ShellWords, LoseTheirQuotesAndEscapes) {
  EXPECT_THAT(values(R"('a b' "c d" e\ f 'g'"h"i "\"j\$k\l")"), ElementsAre("a b", "c d", "e f", "ghi", R"("j$k\l)"));
}

TEST(ShellWords, KnowWhereTheyStand) {
  const auto tokens = tokenize("ab  'c d'");
  EXPECT_EQ(tokens[1].begin, 4u);
  EXPECT_EQ(tokens[1].end, 9u);
  EXPECT_EQ(tokens[1].raw, "'c d'");
  EXPECT_TRUE(tokens[1].quoted);
  EXPECT_FALSE(tokens[0].quoted);
}

TEST(ShellWords, KnowTheirExpansions) {
  const auto tokens = tokenize(R"(--port=$PORT "${APP_PORT:-3000}" '$NOT' \$NOT $(echo $NOT) `$NOT` ${#x} $? $)");
  EXPECT_EQ(tokens[0].expansions.at(0).name, "PORT");
  EXPECT_EQ(tokens[0].expansions.at(0).begin, 7u);
  EXPECT_EQ(tokens[1].expansions.at(0).name, "APP_PORT");
  EXPECT_EQ(tokens[1].expansions.at(0).fallback, "3000");
  EXPECT_EQ(tokens[1].value, "${APP_PORT:-3000}");
  for (std::size_t i = 2; i < tokens.size(); ++i) EXPECT_TRUE(tokens[i].expansions.empty()) << tokens[i].raw;
  EXPECT_EQ(tokens.size(), 9u);
}

TEST(ShellWords, KeepExpansionsWithBlanksTogether) {
  EXPECT_THAT(values("$(a b) ${x:-a b} $((1 + 2)) `a b`"), ElementsAre("$(a b)", "${x:-a b}", "$((1 + 2))", "`a b`"));
}

TEST(ShellWords, AreSeparatedByOperationsWithoutBlanks) {
  EXPECT_THAT(values("a&&b||c;d|e&(f)\ng"),
              ElementsAre("a", "&&", "b", "||", "c", ";", "d", "|", "e", "&", "(", "f", ")", "\n", "g"));
}

TEST(ShellWords, LeaveCommentsOut) { EXPECT_THAT(values("a # b 'c\nd#e"), ElementsAre("a", "\n", "d#e")); }

TEST(ShellWords, GoOnOverContinuedLines) { EXPECT_THAT(values("a \\\n b\\\nc \\\r\n d"), ElementsAre("a", "bc", "d")); }

TEST(ShellWords, LeaveHereDocumentsOut) {
  EXPECT_THAT(values("cat <<EOF\nnot $PORT\nEOF\nafter"), ElementsAre("cat", "<<", "EOF", "\n", "after"));
  EXPECT_THAT(values("cat <<-'E F'\n\tnot\n\tE F\nafter"), ElementsAre("cat", "<<-", "E F", "\n", "after"));
}

TEST(ShellWords, TakeWhatIsNotClosedToTheEnd) {
  for (const std::string_view text :
       {"'a b", "\"a b", "`a b", "$(a b", "${a b", "a\\", "$", "cat <<EOF", "cat <<EOF\nx", "${", "\"$"}) {
    EXPECT_FALSE(tokenize(text).empty()) << text;
  }
}

TEST(ShellWords, TakeAnyBytes) {
  std::string text;
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 256; ++i) text += static_cast<char>(i * (round + 1));
  }
  for (std::size_t i = 0; i < text.size(); ++i) tokenize(std::string_view(text).substr(i));
}

TEST(ShellWords, AreLimitedInNumber) {
  std::string text;
  for (std::size_t i = 0; i < kMaxTokens * 2; ++i) text += "a ";
  EXPECT_EQ(tokenize(text).size(), kMaxTokens);
  EXPECT_EQ(tokenize(std::string(100'000, '(')).size(), kMaxTokens);
}

TEST(ShellCommands, KeepAssignmentsApart) {
  const auto commands = parse_commands("A=1 B='2 3' run C=4");
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(commands[0].assignments.size(), 2u);
  EXPECT_EQ(binding_of(commands[0].assignments[1]).value, "2 3");
  EXPECT_EQ(commands[0].words.size(), 2u);
}

TEST(ShellCommands, AreNotTheStructureAroundThem) {
  EXPECT_THAT(programs("if test -f x; then a; else b; fi; while true; do c; done; { d; }; ! e"),
              ElementsAre("test", "a", "b", "true", "c", "d", "e"));
}

TEST(ShellCommands, AreNotTheirRedirections) {
  const auto commands = parse_commands("a >out 2>&1 b < in");
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(commands[0].words.size(), 2u);
}

TEST(ShellCommands, LeaveVariablesBehind) {
  Scope scope;
  for (const Command& command : parse_commands("A=1; export B=2 && C=3 run; D=4; export D")) remember(command, scope);
  EXPECT_FALSE(scope.at("A").exported);
  EXPECT_TRUE(scope.at("B").exported);
  EXPECT_FALSE(scope.contains("C"));
  EXPECT_TRUE(scope.at("D").exported);
}

TEST(ShellCommands, EndWhereTheStructureGoesOn) {
  const auto commands = parse_commands("if a; then b; else c && d; fi\ne");
  ASSERT_EQ(commands.size(), 5u);
  for (const std::size_t i : {0u, 1u, 3u}) EXPECT_EQ(commands[i].after, "\n") << i;
  EXPECT_EQ(commands[2].after, "&&");
}

TEST(ShellCommands, FindTheScriptOfAShell) {
  EXPECT_EQ(inline_script(tokenize("bash -lc 'a b'"), 0)->value, "a b");
  EXPECT_EQ(inline_script(tokenize("/bin/sh -e -c x"), 0)->value, "x");
  EXPECT_EQ(inline_script(tokenize("sh run.sh -c x"), 0), nullptr);
  EXPECT_EQ(inline_script(tokenize("node -c x"), 0), nullptr);
}

}  // namespace
}  // namespace mesh::procfile
