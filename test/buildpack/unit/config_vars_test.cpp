#include "buildpack/release/config_vars.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/cpp/memory_files.h"

namespace mesh::buildpack {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ConfigVarsTest : public testing::Test {
 protected:
  ConfigVars vars(const std::optional<Path>& directory = "/env") {
    return {directory, Environment({{"IN_BOTH", "of the environment"}, {"IN_ENVIRONMENT", "e"}}), files_};
  }

  // Returns "(unset)" for an unset one and the id of the failure for one that cannot be read.
  std::string value(std::string_view name) {
    const auto value = vars().get(name);
    return value ? value->value_or("(unset)") : std::string(entry(value.failure().reason).id);
  }

  MemoryFiles files_;
};

TEST_F(ConfigVarsTest, PrefersAFileToTheEnvironment) {
  files_.put_file("/env/IN_BOTH", "of the directory");
  EXPECT_EQ(value("IN_BOTH"), "of the directory");
  EXPECT_EQ(value("IN_ENVIRONMENT"), "e");
  EXPECT_EQ(value("NOWHERE"), "(unset)");
}

TEST_F(ConfigVarsTest, UsesTheEnvironmentWithoutADirectory) {
  for (const std::optional<Path>& directory : {std::optional<Path>(), std::optional<Path>("/missing")}) {
    EXPECT_EQ(*vars(directory).get("IN_BOTH"), "of the environment");
    EXPECT_EQ(vars(directory).names(), std::nullopt);
  }
}

TEST_F(ConfigVarsTest, RemovesSpacesAndNewlinesAroundAValue) {
  files_.put_file("/env/A", " two words \r\n");
  EXPECT_EQ(value("A"), "two words");
  EXPECT_EQ(vars().in_directory("A"), "two words");
}

TEST_F(ConfigVarsTest, TreatsAnEmptyFileAsUnset) {
  files_.put_file("/env/IN_BOTH", " \n");
  EXPECT_EQ(value("IN_BOTH"), "(unset)");
  EXPECT_EQ(vars().in_directory("IN_BOTH"), std::nullopt);
}

TEST_F(ConfigVarsTest, FailsForAnUnreadableFile) {
  files_.put_directory("/env/DIRECTORY");
  files_.put_link("/env/LINK", "/missing");
  files_.put_pipe("/env/PIPE");
  files_.put_file("/env/LARGE", std::string(8 * 1024 + 1, 'a'));
  files_.put_file("/env/NUL", std::string("a\0b", 3));
  for (const char* name : {"DIRECTORY", "LINK", "PIPE", "LARGE", "NUL"}) {
    EXPECT_EQ(value(name), "config::unreadable") << name;
    EXPECT_THAT(vars().get(name).failure().detail, HasSubstr(name));
  }
}

TEST_F(ConfigVarsTest, TakesAValueOfEightKibibytes) {
  files_.put_file("/env/LARGE", std::string(8 * 1024, 'a'));
  EXPECT_EQ(value("LARGE").size(), 8u * 1024);
}

TEST_F(ConfigVarsTest, FailsForEachNameIfTheDirectoryCannotBeListed) {
  files_.put_file("/env/A", "a");
  files_.fail("list", "/env", ErrorKind::permission_denied, 4);
  EXPECT_EQ(value("A"), "config::unreadable");
  EXPECT_EQ(value("IN_ENVIRONMENT"), "config::unreadable");
  EXPECT_EQ(vars().in_directory("A"), std::nullopt);
  EXPECT_EQ(vars().names(), std::nullopt);
}

TEST_F(ConfigVarsTest, FailsIfALinkedDirectoryCannotBeListed) {
  files_.put_file("/real/A", "a");
  files_.put_link("/env", "/real");
  EXPECT_EQ(value("A"), "a");
  files_.fail("list", "/env", ErrorKind::permission_denied);
  EXPECT_EQ(value("IN_ENVIRONMENT"), "config::unreadable");
}

TEST_F(ConfigVarsTest, FindsOnlyReadableFilesInTheDirectory) {
  files_.put_file("/env/A", "a");
  files_.put_directory("/env/DIRECTORY");
  EXPECT_EQ(vars().in_directory("A"), "a");
  for (const char* name : {"IN_ENVIRONMENT", "DIRECTORY", "", ".", "../env/A", "/env/A"}) {
    EXPECT_EQ(vars().in_directory(name), std::nullopt) << name;
  }
}

TEST_F(ConfigVarsTest, NamesTheFilesInTheDirectory) {
  files_.put_file("/env/B", "");
  files_.put_file("/env/A", "a");
  EXPECT_THAT(vars().names().value(), ElementsAre("A", "B"));
}

TEST_F(ConfigVarsTest, ReadsNoFileThatIsNotAskedFor) {
  files_.put_file("/env/A", "a");
  files_.put_file("/env/SECRET", "s");
  EXPECT_EQ(value("A"), "a");
  EXPECT_THAT(files_.paths_of("read"), ElementsAre("/env/A"));
}

}  // namespace
}  // namespace mesh::buildpack
