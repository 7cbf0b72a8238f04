// Checks the form of the build log against Heroku's conventions.
#include "platform/terminal_console.h"

#include <gtest/gtest.h>

namespace mesh {
namespace {

// The output of a call on both streams.
template <class Call>
std::pair<std::string, std::string> printed(Call call) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  TerminalConsole console;
  call(console);
  const std::string standard_output = testing::internal::GetCapturedStdout();
  return {standard_output, testing::internal::GetCapturedStderr()};
}

using Streams = std::pair<std::string, std::string>;

TEST(TerminalConsole, PrintsAStep) {
  EXPECT_EQ(printed([](Console& console) { console.step("Installing"); }), Streams("-----> Installing\n", ""));
}

TEST(TerminalConsole, PrintsAnIndentedDetail) {
  EXPECT_EQ(printed([](Console& console) { console.detail("Done"); }), Streams("       Done\n", ""));
}

TEST(TerminalConsole, PrintsALineUnchanged) {
  EXPECT_EQ(printed([](Console& console) { console.plain("name"); }), Streams("name\n", ""));
}

TEST(TerminalConsole, SetsAndResetsTheColourOnEveryLineOfAWarning) {
  EXPECT_EQ(printed([](Console& console) { console.warning("one\ntwo"); }),
            Streams("", "\x1b[1;33m !     one\x1b[0m\n\x1b[1;33m !     two\x1b[0m\n"));
}

TEST(TerminalConsole, PrintsNoTrailingSpacesOnEmptyLinesOfAnError) {
  EXPECT_EQ(printed([](Console& console) { console.error("one\n\ntwo"); }),
            Streams("", "\x1b[1;31m !     one\x1b[0m\n\x1b[1;31m !\x1b[0m\n\x1b[1;31m !     two\x1b[0m\n"));
}

}  // namespace
}  // namespace mesh
