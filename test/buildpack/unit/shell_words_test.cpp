#include "buildpack/procfile/shell_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "buildpack/doctor/servers.h"
#include "buildpack/procfile/shell_commands.h"

namespace mesh::buildpack::doctor {

using procfile::assigned_value;
using procfile::Command;
using procfile::kMaxTokens;
using procfile::parse_shell;
using procfile::remember;
using procfile::Scope;
using procfile::ShellText;
using procfile::Token;
using procfile::tokenize;
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
  for (const Command& command : parse_shell(text).commands)
    result.push_back(command.words.empty() ? "" : command.words[0].value);
  return result;
}

TEST(ShellWords, AreSplitAtSpaces) { EXPECT_THAT(values("  a b\t c  "), ElementsAre("a", "b", "c")); }

TEST(ShellWords, HaveNoQuotesAndEscapes) {
  EXPECT_THAT(values(R"('a b' "c d" e\ f 'g'"h"i "\"j\$k\l")"), ElementsAre("a b", "c d", "e f", "ghi", R"("j$k\l)"));
}

TEST(ShellWords, HaveOffsets) {
  const auto tokens = tokenize("ab  'c d'");
  EXPECT_EQ(tokens[1].begin, 4u);
  EXPECT_EQ(tokens[1].end, 9u);
  EXPECT_EQ(tokens[1].raw, "'c d'");
  EXPECT_TRUE(tokens[1].quoted);
  EXPECT_FALSE(tokens[0].quoted);
}

TEST(ShellWords, HaveExpansions) {
  const auto tokens = tokenize(R"(--port=$PORT "${APP_PORT:-3000}" '$NOT' \$NOT $(echo $NOT) `$NOT` ${#x} $? $)");
  EXPECT_EQ(tokens[0].expansions.at(0).name, "PORT");
  EXPECT_EQ(tokens[0].expansions.at(0).text, "$PORT");
  EXPECT_EQ(tokens[1].expansions.at(0).name, "APP_PORT");
  EXPECT_EQ(tokens[1].expansions.at(0).text, "${APP_PORT:-3000}");
  EXPECT_EQ(tokens[1].expansions.at(0).fallback, "3000");
  EXPECT_EQ(tokens[1].value, "${APP_PORT:-3000}");
  for (std::size_t i = 2; i < tokens.size(); ++i) EXPECT_TRUE(tokens[i].expansions.empty()) << tokens[i].raw;
  EXPECT_EQ(tokens.size(), 9u);
}

TEST(ShellWords, KeepExpansionsWithSpacesTogether) {
  EXPECT_THAT(values("$(a b) ${x:-a b} $((1 + 2)) `a b`"), ElementsAre("$(a b)", "${x:-a b}", "$((1 + 2))", "`a b`"));
}

TEST(ShellWords, AreSeparatedByOperatorsWithoutSpaces) {
  EXPECT_THAT(values("a&&b||c;d|e&(f)\ng"),
              ElementsAre("a", "&&", "b", "||", "c", ";", "d", "|", "e", "&", "(", "f", ")", "\n", "g"));
}

TEST(ShellWords, OmitComments) { EXPECT_THAT(values("a # b 'c\nd#e"), ElementsAre("a", "\n", "d#e")); }

TEST(ShellWords, JoinContinuedLines) { EXPECT_THAT(values("a \\\n b\\\nc \\\r\n d"), ElementsAre("a", "bc", "d")); }

TEST(ShellWords, OmitHereDocuments) {
  EXPECT_THAT(values("cat <<EOF\nnot $PORT\nEOF\nafter"), ElementsAre("cat", "<<", "EOF", "\n", "after"));
  EXPECT_THAT(values("cat <<-'E F'\n\tnot\n\tE F\nafter"), ElementsAre("cat", "<<-", "E F", "\n", "after"));
}

TEST(ShellWords, ExtendToTheEndWithoutAClosingQuote) {
  for (const std::string_view text :
       {"'a b", "\"a b", "`a b", "$(a b", "${a b", "a\\", "$", "cat <<EOF", "cat <<EOF\nx", "${", "\"$"}) {
    EXPECT_FALSE(tokenize(text).empty()) << text;
  }
}

TEST(ShellWords, AcceptAnyBytes) {
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

TEST(ShellCommands, SeparateAssignments) {
  const auto commands = parse_shell("A=1 B='2 3' run C=4").commands;
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(commands[0].assignments.size(), 2u);
  EXPECT_EQ(assigned_value(commands[0].assignments[1]), "2 3");
  EXPECT_EQ(commands[0].words.size(), 2u);
}

TEST(ShellCommands, OmitControlStructures) {
  EXPECT_THAT(programs("if test -f x; then a; else b; fi; while true; do c; done; { d; }; ! e"),
              ElementsAre("test", "a", "b", "true", "c", "d", "e"));
}

TEST(ShellCommands, OmitRedirections) {
  const auto commands = parse_shell("a >out 2>&1 b < in").commands;
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(commands[0].words.size(), 2u);
  EXPECT_THAT(commands[0].redirections, ElementsAre(">out", "2>&1", "<in"));
}

TEST(ShellCommands, ReplaceVariablesWhereTheyAreAssigned) {
  Scope scope;
  for (const Command& command : parse_shell("A=1; B=$A$C; A=2; [ -f x ] && D=3").commands) remember(command, scope);
  EXPECT_EQ(scope.at("B").value.text, "1$C");
  EXPECT_EQ(scope.at("A").value.text, "2");
  EXPECT_EQ(scope.at("D").value.text, "?");
  std::string growing = "A=xx";
  for (int i = 0; i < 100; ++i) growing += "; A=$A$A";
  for (const Command& command : parse_shell(growing).commands) remember(command, scope);
  EXPECT_LT(scope.at("A").value.text.size(), 100'000u);
}

TEST(ShellCommands, KeepVariablesForLaterCommands) {
  Scope scope;
  for (const Command& command : parse_shell("A=1; export B=2 && C=3 run; D=4; export D").commands) remember(command, scope);
  EXPECT_FALSE(scope.at("A").exported);
  EXPECT_TRUE(scope.at("B").exported);
  EXPECT_FALSE(scope.contains("C"));
  EXPECT_TRUE(scope.at("D").exported);
}

// The programs of the commands that may be passed over.
std::vector<std::string> conditional(std::string_view text) {
  std::vector<std::string> result;
  for (const Command& command : parse_shell(text).commands) {
    if (command.conditional) result.push_back(command.words.at(0).value);
  }
  return result;
}

TEST(ShellCommands, AreConditionalInBranchesLoopsAndFunctions) {
  EXPECT_THAT(conditional("a; if b; then c; elif d; then e; else f; fi; g"), ElementsAre("b", "c", "d", "e", "f"));
  EXPECT_THAT(conditional("while a; do b; done; for x in 1 2; do c; done; d"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(conditional("case $X in\n a|b) c;; *) d ;;\nesac\ne"), ElementsAre("c", "d"));
  EXPECT_THAT(conditional("run() { a; }; b"), ElementsAre("a"));
  EXPECT_THAT(conditional("{ a; }; (b)"), ElementsAre());
}

TEST(ShellCommands, AreConditionalBehindOrAndTests) {
  EXPECT_THAT(conditional("a || b; c && d"), ElementsAre("b"));
  EXPECT_THAT(conditional("[ -f x ] && a; test y && b && c; d"), ElementsAre("a", "b", "c"));
}

TEST(ShellText, IsSimpleAfterDirectoryAndVariableCommands) {
  for (const char* text : {"a b", "A=1 a", "cd x && a", "export A=1 && a", "set -e; A=1; a;", "a >x 2>&1", "exec a"}) {
    EXPECT_TRUE(parse_shell(text).is_simple()) << text;
  }
}

TEST(ShellText, DescribesCompoundCommands) {
  for (const auto& [text, construct] :
       std::vector<std::pair<std::string, std::string>>{{"if a; then b; fi", "a condition"},
                                                        {"case a in b) c;; esac", "a condition"},
                                                        {"while a; do b; done", "a loop"},
                                                        {"for a in b; do c; done", "a loop"},
                                                        {"trap a TERM; b", "a trap"},
                                                        {"a & b", "a background job"},
                                                        {"a | b", "a pipeline"},
                                                        {"a <<E\nb\nE", "a here-document"},
                                                        {"a $(b)", "a command substitution"},
                                                        {"a `b`", "a command substitution"},
                                                        {"(a)", "a group"},
                                                        {"{ a; }", "a group"},
                                                        {"a() { b; }", "a function"},
                                                        {"eval a", "an eval"},
                                                        {"a 'b", "an unclosed quote"},
                                                        {"a \"b", "an unclosed quote"},
                                                        {"a ${b", "an unclosed quote"},
                                                        {"a \\", "an unclosed quote"},
                                                        {"a || b", "a list with \"||\""}}) {
    EXPECT_EQ(parse_shell(text).construct, construct) << text;
    EXPECT_FALSE(parse_shell(text).is_simple()) << text;
  }
  EXPECT_FALSE(parse_shell("a && b").is_simple());
}

TEST(StartedProgram, FollowsItsStarters) {
  const auto program = [](std::string_view text) {
    const auto words = tokenize(text);
    const Started started = started_program(words);
    return started.program < words.size() ? words[started.program].value : "";
  };
  for (const char* text :
       {"exec x y", "env A=1 x", "nice -n 5 x", "bundle exec x", "npx -y x", "poetry run x", "python -m x",
        "python3.12 -m x", "newrelic-admin run-program x", "dumb-init -- x", "bin/start-pgbouncer x", "yarn x",
        "pnpm exec x", "exec env A=1 nohup x", "uv run --with y x", "tini -s -- x"}) {
    const std::string expected =
        std::string_view(text).starts_with("python") ? std::string(text).substr(0, std::string(text).find(' ')) : "x";
    EXPECT_EQ(program(text), expected) << text;
  }
  EXPECT_EQ(program("bundle install"), "bundle");
  EXPECT_EQ(program("exec"), "");
}

TEST(StartedProgram, RecognizesServersBehindRunners) {
  const auto server = [](std::string_view text) {
    const auto words = tokenize(text);
    const Started started = started_program(words);
    return started.server == nullptr ? "none" : std::string(started.server->program);
  };
  EXPECT_EQ(server("python -m uvicorn main:app"), "uvicorn");
  EXPECT_EQ(server("python manage.py runserver"), "manage.py");
  EXPECT_EQ(server("python manage.py migrate"), "none");
  EXPECT_EQ(server("node node_modules/.bin/next start"), "next");
  EXPECT_EQ(server("next build"), "none");
  EXPECT_EQ(server("php artisan serve"), "artisan");
  EXPECT_EQ(server("bin/rails s"), "rails");
  EXPECT_EQ(server("./bin/serve"), "none");  // a program of the app's own
  EXPECT_EQ(server("java $JAVA_OPTS -jar target/webapp-runner.jar x.war"), "webapp-runner.jar");
}

TEST(StartedProgram, RecognizesTheScriptOfAShell) {
  const auto script = [](std::string_view text) {
    const auto words = tokenize(text);
    const Started started = started_program(words);
    return started.script.value_or("none");
  };
  EXPECT_EQ(script("bash -lc 'a b'"), "a b");
  EXPECT_EQ(script("/bin/sh -e -c x"), "x");
  EXPECT_EQ(script("sh run.sh -c x"), "none");
  EXPECT_EQ(script("node -c x"), "none");
}

}  // namespace
}  // namespace mesh::buildpack::doctor
