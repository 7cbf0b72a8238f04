#include "buildpack/cedar/place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio.h>

#include <array>
#include <fstream>

#include "buildpack/base/architecture.h"
#include "buildpack/install/layout.h"
#include "support/cpp/memory_files.h"
#include "support/cpp/scratch_directory.h"

namespace mesh::buildpack {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Path kBinaryTarget = layout_of(Product::integration).binary;
const Path kProfileTarget = layout_of(Product::integration).profile;
const std::string kBinary = "/app/" + kBinaryTarget.native();
const std::string kProfile = "/app/" + kProfileTarget.native();

class PlaceTest : public testing::Test {
 protected:
  PlaceTest() {
    files_.put_file("/app/.staging/binary", "program");
    files_.put_file("/app/.staging/profile", "script");
  }

  Result<Placed> place() {
    return buildpack::place({{"/app/.staging/binary", kBinaryTarget, 0755}, {"/app/.staging/profile", kProfileTarget, 0644}},
                            "/app", "/app/.staging", files_);
  }

  // The reason for which nothing was placed.
  Reason reason() {
    const auto result = place();
    EXPECT_FALSE(result);
    EXPECT_NE(files_.kind(kBinary), FileKind::file);
    EXPECT_NE(files_.kind(kProfile), FileKind::file);
    detail_ = result ? "" : result.failure().detail;
    return result ? Reason{} : result.failure().reason;
  }

  MemoryFiles files_;
  std::string detail_;
};

TEST_F(PlaceTest, PutsEveryFileIntoItsPlace) {
  const auto replaced = place();
  ASSERT_TRUE(replaced);
  EXPECT_THAT(replaced->replaced, IsEmpty());
  EXPECT_EQ(files_.content(kBinary), "program");
  EXPECT_EQ(files_.content(kProfile), "script");
  EXPECT_EQ(files_.mode(kBinary), 0755u);
  EXPECT_EQ(files_.mode(kProfile), 0644u);
  EXPECT_EQ(files_.mode("/app/vendor"), 0755u);
}

TEST_F(PlaceTest, LeavesTheAppsOtherFiles) {
  files_.put_file("/app/vendor/other", "other");
  files_.put_file("/app/.profile.d/other.sh", "other");
  ASSERT_TRUE(place());
  EXPECT_EQ(files_.content("/app/vendor/other"), "other");
  EXPECT_EQ(files_.content("/app/.profile.d/other.sh"), "other");
}

TEST_F(PlaceTest, ReportsReplacedFiles) {
  files_.put_file(kProfile, "the app's");
  const auto replaced = place();
  ASSERT_TRUE(replaced);
  EXPECT_THAT(replaced->replaced, ElementsAre(Path(kProfileTarget)));
  EXPECT_EQ(files_.content(kProfile), "script");
}

TEST_F(PlaceTest, ReplacesALinkAndNotItsTarget) {
  files_.put_file("/app/precious", "untouched");
  files_.put_link(kProfile, "../precious");
  ASSERT_TRUE(place());
  EXPECT_EQ(files_.content("/app/precious"), "untouched");
  EXPECT_EQ(files_.kind(kProfile), FileKind::file);
}

TEST_F(PlaceTest, RemovesPlacedFilesWhenALaterOneFails) {
  files_.fail("rename", kProfile, ErrorKind::no_space);
  EXPECT_EQ(reason(), Reason::install_disk_full);
  EXPECT_EQ(files_.kind("/app/vendor"), FileKind::missing);
  EXPECT_EQ(files_.kind("/app/.profile.d"), FileKind::missing);
}

TEST_F(PlaceTest, KeepsExistingDirectories) {
  files_.put_directory("/app/vendor/heroku-integration");
  files_.put_directory("/app/.profile.d");
  files_.fail("rename", kProfile, ErrorKind::no_space);
  EXPECT_EQ(reason(), Reason::install_disk_full);
  EXPECT_THAT(*files_.list("/app/vendor/heroku-integration"), IsEmpty());
  EXPECT_EQ(files_.kind("/app/.profile.d"), FileKind::directory);
}

TEST_F(PlaceTest, RestoresReplacedFiles) {
  files_.put_file(kBinary, "the app's program");
  files_.put_file(kProfile, "the app's script");
  files_.fail("set_mode", "profile", ErrorKind::permission_denied);
  EXPECT_EQ(place().failure().reason, Reason::install_permission);
  EXPECT_EQ(files_.content(kBinary), "the app's program");
  EXPECT_EQ(files_.content(kProfile), "the app's script");
}

TEST_F(PlaceTest, RestoresAFileThatCouldNotBeReplaced) {
  files_.put_file(kBinary, "the app's program");
  files_.put_link(kProfile, "the-apps-link");
  // The first rename to a target is the one that takes its place; before it the former file went elsewhere.
  files_.fail("rename", kProfile, ErrorKind::io);
  EXPECT_EQ(place().failure().reason, Reason::install_io_error);
  EXPECT_EQ(files_.content(kBinary), "the app's program");
  EXPECT_EQ(*files_.read_link(kProfile), Path("the-apps-link"));
}

TEST_F(PlaceTest, PlacesNothingWhenADirectoryIsInTheWay) {
  files_.put_directory(kProfile);
  EXPECT_EQ(reason(), Reason::install_path_conflict);
  EXPECT_THAT(detail_, HasSubstr(kProfile + " is a directory"));
  EXPECT_EQ(files_.kind("/app/vendor"), FileKind::missing);
}

TEST_F(PlaceTest, PlacesNothingBelowAFile) {
  files_.put_file("/app/.profile.d", "a file");
  EXPECT_EQ(reason(), Reason::install_path_conflict);
  EXPECT_THAT(detail_, HasSubstr("/app/.profile.d is no directory"));
  EXPECT_EQ(files_.content("/app/.profile.d"), "a file");
}

TEST_F(PlaceTest, FollowsNoLinkOutOfTheApp) {
  files_.put_directory("/elsewhere/heroku-integration");
  files_.put_link("/app/vendor", "/elsewhere");
  EXPECT_EQ(reason(), Reason::install_path_conflict);
  EXPECT_THAT(detail_, HasSubstr("/app/vendor is a link that leads out of the app"));
  EXPECT_THAT(*files_.list("/elsewhere/heroku-integration"), IsEmpty());
}

TEST_F(PlaceTest, FollowsNoLinkToADirectoryWithTheAppsPrefix) {
  files_.put_directory("/app-2");
  files_.put_link("/app/vendor", "../app-2");
  EXPECT_EQ(reason(), Reason::install_path_conflict);
}

TEST_F(PlaceTest, FollowsNoDanglingLink) {
  files_.put_link("/app/.profile.d", "nowhere");
  EXPECT_EQ(reason(), Reason::install_path_conflict);
  EXPECT_THAT(detail_, HasSubstr("leads nowhere"));
}

TEST_F(PlaceTest, FollowsALinkInsideTheApp) {
  files_.put_directory("/app/third-party");
  files_.put_link("/app/vendor", "third-party");
  ASSERT_TRUE(place());
  EXPECT_EQ(files_.content("/app/third-party/heroku-integration/bin/heroku-integration-service-mesh"), "program");
}

TEST_F(PlaceTest, AcceptsALinkAsAppDirectory) {
  files_.put_link("/link", "/app");
  ASSERT_TRUE(buildpack::place({{"/link/.staging/binary", kBinaryTarget, 0755}}, "/link", "/link/.staging", files_));
  EXPECT_EQ(files_.content(kBinary), "program");
}

TEST_F(PlaceTest, ReplacesOnlyALinkByAnAlias) {
  files_.put_link("/app/.staging/alias", "program");
  const auto place_alias = [&] {
    return buildpack::place({{"/app/.staging/alias", "bin/alias", 0, PlacedFile::Kind::alias}}, "/app", "/app/.staging",
                            files_);
  };
  files_.put_file("/app/bin/alias", "the app's");
  EXPECT_THAT(place_alias()->kept, ElementsAre(Path("bin/alias")));
  EXPECT_EQ(files_.content("/app/bin/alias"), "the app's");
  ASSERT_TRUE(files_.remove("/app/bin/alias"));
  files_.put_link("/app/bin/alias", "elsewhere");
  const auto placed = place_alias();
  ASSERT_TRUE(placed);
  EXPECT_THAT(placed->replaced, IsEmpty());
  EXPECT_EQ(*files_.read_link("/app/bin/alias"), Path("program"));
}

TEST(Layout, HasTheNamesThatProcfilesUse) {
  const std::string arch(name(kArchitecture));
  EXPECT_THAT(alias_names(Product::applink, "v1.0.0", kArchitecture),
              testing::UnorderedElementsAre("heroku-integration-service-mesh", "heroku-applink-service-mesh-latest-" + arch,
                                            "heroku-applink-service-mesh-v1.0.0-" + arch,
                                            "heroku-integration-service-mesh-latest-" + arch,
                                            "heroku-integration-service-mesh-v1.0.0-" + arch));
  EXPECT_EQ(alias_names(Product::integration, "", kArchitecture).size(), 3u);
  EXPECT_EQ(alias_names(Product::integration, "latest", kArchitecture).size(), 3u);
}

// Returns the output of a shell.
std::string shell(const std::string& commands) {
  FILE* pipe = ::popen(("HOME=/app PATH=/usr/bin:/bin /bin/sh -euc '" + commands + "'").c_str(), "r");
  std::array<char, 1000> buffer{};
  std::string output(buffer.data(), std::fread(buffer.data(), 1, buffer.size(), pipe));
  EXPECT_EQ(::pclose(pipe), 0) << output;
  return output;
}

class ProfileScript : public testing::Test {
 protected:
  ProfileScript() { std::ofstream(path_) << profile_script(Product::integration); }

  ScratchDirectory scratch_;
  std::string path_ = scratch_.path() / "profile.sh";
};

TEST_F(ProfileScript, PutsTheMeshOnPathBelowTheHomeOfRunTime) {
  EXPECT_EQ(shell(". " + path_ + "; echo $PATH"), "/app/vendor/heroku-integration/bin:/usr/bin:/bin\n");
}

TEST_F(ProfileScript, ChangesPathOnceWhenSourcedTwice) {
  EXPECT_EQ(shell(". " + path_ + "; . " + path_ + "; echo $PATH"), "/app/vendor/heroku-integration/bin:/usr/bin:/bin\n");
}

TEST_F(ProfileScript, ExportsPath) {
  EXPECT_EQ(shell(". " + path_ + "; /usr/bin/env sh -c \"echo \\$PATH\""),
            "/app/vendor/heroku-integration/bin:/usr/bin:/bin\n");
}

TEST_F(ProfileScript, PrintsNothing) { EXPECT_EQ(shell(". " + path_), ""); }

}  // namespace
}  // namespace mesh::buildpack
