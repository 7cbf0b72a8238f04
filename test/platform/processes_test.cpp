// Checks the interface to other programs with real programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>

#include "platform/disk_files.h"
#include "platform/posix_processes.h"
#include "support/cpp/byte_sources.h"
#include "support/cpp/scratch_directory.h"
#include "support/cpp/test_stop_signal.h"

namespace mesh {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;

class ProcessesTest : public testing::Test {
 protected:
  static Program shell(const std::string& script, Duration limit = 60s) {
    return {.file = "/bin/sh", .arguments = {"-c", script}, .environment = {"PATH=/usr/bin:/bin"}, .limit = limit};
  }

  PosixProcesses processes_{stop_signal()};
};

TEST_F(ProcessesTest, ReturnsExitCodeAndOutput) {
  const auto end = processes_.run(shell("echo out; echo err >&2; exit 3"));
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_code, 3);
  EXPECT_EQ(end->output, "out\n");
  EXPECT_EQ(end->errors, "err\n");
  EXPECT_FALSE(end->succeeded());
  EXPECT_TRUE(processes_.run(shell(""))->succeeded());
}

TEST_F(ProcessesTest, ReturnsTheTerminatingSignal) {
  const auto end = processes_.run(shell("kill -ABRT $$"));
  EXPECT_EQ(end->signal, SIGABRT);
  EXPECT_FALSE(end->exit_code);
}

TEST_F(ProcessesTest, PassesOnlyTheGivenEnvironmentAndNoInput) {
  Program program{.file = "/usr/bin/env", .environment = {"ONE=1", "TWO=2"}, .limit = 60s};
  EXPECT_EQ(processes_.run(program)->output, "ONE=1\nTWO=2\n");
  EXPECT_EQ(processes_.run(shell("cat; pwd"))->output, "/\n");
  EXPECT_EQ(processes_.run(shell("ls /proc/self/fd | wc -l"))->output, "4\n");  // three streams and the directory itself
}

TEST_F(ProcessesTest, ResetsSignalHandlers) {
  EXPECT_EQ(processes_.run(shell("kill -PIPE $$; echo still here"))->signal, SIGPIPE);
}

TEST_F(ProcessesTest, KeepsTheBeginningOfEndlessOutput) {
  Program program = shell("i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done");
  program.max_output = 1000;
  const auto end = processes_.run(program);
  EXPECT_EQ(end->exit_code, 0);
  EXPECT_EQ(end->output.size(), 1000u);
}

TEST_F(ProcessesTest, PassesTheInput) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i) + "\n";
  Program program = shell("cksum; echo end");
  program.input = source_of(text);
  const auto end = processes_.run(program);
  ASSERT_TRUE(end);
  EXPECT_THAT(end->output, AllOf(HasSubstr(" " + std::to_string(text.size()) + "\n"), EndsWith("end\n")));

  program = shell("cat");
  program.input = source_of(text);
  program.max_output = text.size();
  EXPECT_EQ(processes_.run(program)->output, text);  // in both directions at once, and more than a pipe buffers
}

TEST_F(ProcessesTest, IgnoresUnreadInput) {
  for (const char* script : {"head -c 3", "exec <&-; printf abc", "printf abc"}) {
    Program program = shell(script);
    program.input = source_of(std::string(3'000'000, 'a').replace(0, 3, "abc"));
    const auto end = processes_.run(program);
    ASSERT_TRUE(end) << script;
    EXPECT_EQ(end->exit_code, 0) << script;
    EXPECT_EQ(end->output, "abc") << script;
  }
}

TEST_F(ProcessesTest, TimesOutWhenInputIsLeft) {
  Program program = shell("while :; do :; done", 300ms);
  program.input = source_of(std::string(3'000'000, 'a'));
  const auto end = processes_.run(program);
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->timed_out);
}

TEST_F(ProcessesTest, DoesNotCloseTheInputWhenItsSourceStops) {
  const ScratchDirectory scratch;
  for (const bool fails : {false, true}) {
    Program program = shell("cat >/dev/null; echo >" + (scratch.path() / "end").native());
    program.input = [fails, pieces = 0](std::span<std::byte> buffer) mutable -> Result<std::optional<std::size_t>> {
      if (++pieces < 3) return std::optional(buffer.size());
      if (fails) return Error{ErrorKind::permission_denied, "no"};
      return std::optional<std::size_t>();
    };
    const auto end = processes_.run(program);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.failure().kind, fails ? ErrorKind::permission_denied : ErrorKind::cancelled);
    EXPECT_FALSE(std::filesystem::exists(scratch.path() / "end"));
  }
}

TEST_F(ProcessesTest, TimesOut) {
  const auto end = processes_.run(shell("echo begun; while :; do :; done", 300ms));
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->timed_out);
  EXPECT_FALSE(end->exit_code);
  EXPECT_EQ(end->output, "begun\n");
}

TEST_F(ProcessesTest, TimesOutWhenOutputIsEndless) {
  const auto end = processes_.run(shell("for i in 1 2 3 4; do yes more & done; exec yes more", 300ms));
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->timed_out);
  EXPECT_FALSE(end->exit_code);
  EXPECT_EQ(end->output.substr(0, 5), "more\n");
}

TEST_F(ProcessesTest, ReturnsWhenADescendantKeepsTheOutputOpen) {
  const auto end = processes_.run(shell("for i in 1 2 3 4; do yes more & done; exit 3", 1s));
  ASSERT_TRUE(end);
  EXPECT_FALSE(end->timed_out);
  EXPECT_EQ(end->exit_code, 3);
}

TEST_F(ProcessesTest, KillsDescendants) {
  const auto end = processes_.run(shell("sleep 1000 & echo $!"));
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_code, 0);
  const int grandchild = std::stoi(end->output);
  // The process was killed, and disappears when init has reaped it.
  while (::kill(grandchild, 0) == 0) {
    std::ifstream stat("/proc/" + std::to_string(grandchild) + "/stat");
    std::string pid;
    std::string name;
    std::string state;
    if (stat >> pid >> name >> state && state == "Z") break;
  }
}

TEST_F(ProcessesTest, LeavesNoZombie) {
  ASSERT_TRUE(processes_.run(shell("exit 0")));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
}

TEST_F(ProcessesTest, FailsToStartANonExecutableFile) {
  const ScratchDirectory scratch;
  std::ofstream(scratch.path() / "text") << "no program";
  for (const Path& file : {scratch.path() / "missing", scratch.path() / "text", scratch.path()}) {
    const auto end = processes_.run({.file = file, .limit = 60s});
    ASSERT_FALSE(end) << file;
    EXPECT_EQ(end.failure().kind, ErrorKind::io);
    EXPECT_THAT(end.failure().detail, HasSubstr(file.native()));
  }
}

TEST(FindProgram, FindsTheFirstOnThePath) {
  const ScratchDirectory scratch;
  DiskFiles files;
  for (const char* directory : {"one", "two", "three"}) std::filesystem::create_directory(scratch.path() / directory);
  std::ofstream(scratch.path() / "one/tool") << "not executable";
  for (const char* directory : {"two", "three"}) {
    std::ofstream(scratch.path() / directory / "tool") << "#!/bin/sh\n";
    ASSERT_TRUE(files.set_mode(scratch.path() / directory / "tool", 0755));
  }
  const std::string path = scratch.path().native();
  EXPECT_EQ(find_program("tool", path + "/none:" + path + "/one:" + path + "/two:" + path + "/three", files),
            Path(path) / "two/tool");
  EXPECT_FALSE(find_program("tool", path + "/one", files));
  EXPECT_FALSE(find_program("two", path, files));
  EXPECT_FALSE(find_program("tool", ":.:two", files));
  EXPECT_FALSE(find_program("tool", "", files));
}

}  // namespace
}  // namespace mesh
