// Compares the message of every failure with test/golden/failures/. After an intended change, run with MESH_UPDATE_GOLDEN=1
// in the environment and review the diff.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include "buildpack/report/message.h"
#include "common/text.h"
#include "schema/failure.h"

namespace mesh::buildpack {

// Prints a row's id when a test fails.
// NOLINTNEXTLINE(readability-identifier-naming): the name is googletest's
void PrintTo(const FailureEntry& row, std::ostream* out) { *out << row.id; }

namespace {

namespace fs = std::filesystem;

const fs::path kGolden = fs::path(MESH_TEST_GOLDEN) / "failures";

// Returns the file name for an id, "area--kebab-case.txt".
std::string file_name(std::string_view id) {
  std::string name(id);
  name.replace(name.find("::"), 2, "--");
  return name + ".txt";
}

std::string file_content(const fs::path& path) {
  const std::ifstream stream(path, std::ios::binary);
  std::ostringstream content;
  content << stream.rdbuf();
  return content.str();
}

bool wants_update() { return std::getenv("MESH_UPDATE_GOLDEN") != nullptr; }  // NOLINT(concurrency-mt-unsafe)

class EveryFailure : public testing::TestWithParam<FailureEntry> {};

std::string test_name(const testing::TestParamInfo<FailureEntry>& tested) {
  std::string name(tested.param.id);
  std::erase_if(name, [](char c) { return c == ':' || c == '-'; });
  return name;
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryFailure, testing::ValuesIn(failure_catalogue().begin(), failure_catalogue().end()),
                         test_name);

TEST_P(EveryFailure, MessageEqualsGoldenFile) {
  const std::string text = message({GetParam().reason, "The detail of this failure."}) + "\n";
  const fs::path golden = kGolden / file_name(GetParam().id);
  if (wants_update()) std::ofstream(golden, std::ios::binary) << text;
  EXPECT_EQ(text, file_content(golden));
}

TEST_P(EveryFailure, HasIdOfAreaAndKebabCaseName) {
  EXPECT_THAT(std::string(GetParam().id), testing::MatchesRegex("[a-z]+(-[a-z]+)*::[a-z]+(-[a-z0-9]+)*"));
}

TEST_P(EveryFailure, HasHeadlineOfAtMostEightWords) { EXPECT_LE(std::ranges::count(GetParam().headline, ' ') + 1, 8); }

TEST_P(EveryFailure, EndsEachTextWithAPeriod) {
  EXPECT_TRUE(GetParam().headline.ends_with('.'));
  EXPECT_TRUE(GetParam().explanation.ends_with('.'));
  EXPECT_TRUE(GetParam().hint.ends_with('.'));
}

TEST(FailureMessages, HasNoSurplusGoldenFile) {
  std::set<std::string> expected;
  for (const FailureEntry& row : failure_catalogue()) expected.insert(file_name(row.id));
  std::set<std::string> there;
  for (const auto& entry : fs::directory_iterator(kGolden)) there.insert(entry.path().filename());
  EXPECT_EQ(there, expected);
}

TEST(FailureCatalogue, HasUniqueIds) {
  std::set<std::string_view> ids;
  for (const FailureEntry& row : failure_catalogue()) EXPECT_TRUE(ids.insert(row.id).second) << row.id;
}

std::vector<std::string_view> ids_with(Retry retry) {
  std::vector<std::string_view> ids;
  for (const FailureEntry& row : failure_catalogue())
    if (row.retry == retry) ids.push_back(row.id);
  return ids;
}

TEST(FailureCatalogue, RetriesTransientFailuresRepeatedly) {
  EXPECT_THAT(ids_with(Retry::repeatedly),
              testing::UnorderedElementsAre("network::offline", "network::connect", "network::timeout", "network::stalled",
                                            "network::reset", "download::truncated"));
}

TEST(FailureCatalogue, RetriesRareFailuresOnce) {
  EXPECT_THAT(ids_with(Retry::once), testing::UnorderedElementsAre("network::dns", "network::tls", "network::protocol",
                                                                   "download::not-an-archive", "download::not-a-binary"));
}

TEST(FailureCatalogue, RefetchesWhenReleaseMayHaveChanged) {
  EXPECT_THAT(ids_with(Retry::refetch),
              testing::UnorderedElementsAre("verify::digest-mismatch", "verify::signature-bad", "archive::corrupt"));
}

// A release that exists but is wrong, untrusted or too large must not be hidden by an older one.
TEST(FailureCatalogue, FallsBackOnlyWhenReleaseIsUnreachable) {
  const std::set<std::string_view> about_the_release = {"resolve::not-found", "download::too-large"};
  for (const FailureEntry& row : failure_catalogue()) {
    const std::string_view area = row.id.substr(0, row.id.find("::"));
    const bool is_unreachable =
        area == "resolve" || area == "network" || area == "download" || row.id == "platform::no-ca-bundle";
    const bool expected = is_unreachable && !about_the_release.contains(row.id);
    EXPECT_EQ(row.fallback == Fallback::may_fall_back, expected) << row.id;
  }
}

TEST(FailureCatalogue, NamesEachClass) {
  EXPECT_EQ(name(FailureClass::user), "user");
  EXPECT_EQ(name(FailureClass::buildpack), "buildpack");
  EXPECT_EQ(name(FailureClass::upstream), "upstream");
  EXPECT_EQ(name(FailureClass::platform), "platform");
}

TEST(Message, ReplacesControlCharactersOfDetail) {
  const std::string text = message({Reason::install_io_error, "/app/a\nb\r\x1b[31m\tc"});
  EXPECT_THAT(text, testing::HasSubstr("\n/app/a b [31m c\n"));
}

TEST(Message, ReplacesInvalidUtf8OfDetail) {
  EXPECT_THAT(message({Reason::install_io_error, "a\xFFz"}), testing::HasSubstr("\na\uFFFDz\n"));
}

TEST(Message, WrapsLongDetail) {
  std::string detail;
  for (int i = 0; i < 60; ++i) detail += "word ";
  for (const std::string_view line : text::split(message({Reason::install_io_error, detail}), '\n'))
    EXPECT_LE(line.size(), 88u);
}

TEST(Message, TruncatesHugeDetail) {
  EXPECT_LT(message({Reason::install_io_error, std::string(100'000, 'x')}).size(), 1500u);
}

TEST_P(EveryFailure, NamesConfigVarsOfProduct) {
  const std::string text = message({GetParam().reason, ""}, Product::applink);
  EXPECT_EQ(text.find("$PREFIX"), std::string::npos);
  const std::string other = message({GetParam().reason, ""}, Product::integration);
  const bool is_general = GetParam().hint.find("$PREFIX") == std::string_view::npos &&
                          GetParam().explanation.find("$PREFIX") == std::string_view::npos;
  EXPECT_EQ(text == other, is_general);
}

TEST(Message, OmitsEmptyDetail) {
  EXPECT_THAT(message({Reason::download_truncated, ""}),
              testing::StartsWith("Error: The download is incomplete.\n\nThe server sent fewer bytes"));
}

}  // namespace
}  // namespace mesh::buildpack
