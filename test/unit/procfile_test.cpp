#include "procfile/procfile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace mesh {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The process types as "name=command".
std::vector<std::string> parsed(std::string_view text) {
  std::vector<std::string> types;
  for (const ProcessType& type : parse_procfile(text)) types.push_back(type.name + "=" + type.command);
  return types;
}

TEST(ParseProcfile, ReadsNamesAndCommands) {
  EXPECT_THAT(parsed("web: npm start\nworker: rake jobs:work\n"), ElementsAre("web=npm start", "worker=rake jobs:work"));
}

TEST(ParseProcfile, NeedsNoBlankAndNoLastLineEnd) { EXPECT_THAT(parsed("web:npm start"), ElementsAre("web=npm start")); }

TEST(ParseProcfile, KnowsTheCharactersOfAName) {
  EXPECT_THAT(parsed("a-B_9: x\na.b: x\na b: x\nü: x\n:x\n"), ElementsAre("a-B_9=x"));
}

TEST(ParseProcfile, PassesOverEverythingElse) {
  EXPECT_THAT(parsed("\n# web: commented out\n  \nweb\nweb:\nweb:  \n---\n"), IsEmpty());
}

TEST(ParseProcfile, CountsTheLastLineOfAName) {
  EXPECT_THAT(parsed("web: one\nworker: w\nweb: two\n"), ElementsAre("web=two", "worker=w"));
}

TEST(ParseProcfile, KnowsLineEndsOfAnyKind) {
  EXPECT_THAT(parsed("web: a\r\nworker: b\r\n"), ElementsAre("web=a", "worker=b"));
  EXPECT_THAT(parsed("web: a\rworker: b\r"), ElementsAre("web=a", "worker=b"));
}

TEST(ParseProcfile, PassesOverAByteOrderMark) { EXPECT_THAT(parsed("\uFEFFweb: a\n"), ElementsAre("web=a")); }

TEST(ParseProcfile, TrimsCommands) { EXPECT_THAT(parsed("  web \t:\t a  b \t\n"), ElementsAre("web=a  b")); }

// The check of an app whose files are these.
ProcfileCheck check(const std::map<std::string, std::string, std::less<>>& files) {
  return check_procfile([&](std::string_view path) -> std::optional<std::string> {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  });
}

std::string_view web(const std::string& command) { return name(check({{"Procfile", "web: " + command}}).web); }

std::string_view web_through(const std::string& command, const std::string& script) {
  return name(check({{"Procfile", "web: " + command}, {"bin/start.sh", script}}).web);
}

TEST(CheckProcfile, MissesAProcfile) {
  const ProcfileCheck result = check({});
  EXPECT_EQ(name(result.web), "no-procfile");
  EXPECT_THAT(result.findings, ElementsAre("procfile-missing"));
}

TEST(CheckProcfile, MissesAWebProcess) {
  const ProcfileCheck result = check({{"Procfile", "worker: heroku-integration-service-mesh x\n"}});
  EXPECT_EQ(name(result.web), "missing");
  EXPECT_THAT(result.findings, ElementsAre("web-missing"));
}

TEST(CheckProcfile, SeesThatTheMeshIsNotUsed) {
  const ProcfileCheck result = check({{"Procfile", "web: npm start\n"}});
  EXPECT_EQ(name(result.web), "unwrapped");
  EXPECT_EQ(result.web_command, "npm start");
  EXPECT_THAT(result.findings, ElementsAre("mesh-not-used"));
}

TEST(CheckProcfile, SeesTheMeshInFrontOfTheCommand) {
  const ProcfileCheck result = check({{"Procfile", "web: heroku-integration-service-mesh npm start\n"}});
  EXPECT_EQ(name(result.web), "wrapped");
  EXPECT_THAT(result.findings, IsEmpty());
}

TEST(CheckProcfile, SeesTheMeshHoweverItIsCalled) {
  for (const char* command : {"APP_PORT=3000 heroku-integration-service-mesh npm start",
                              "vendor/heroku-integration/bin/heroku-integration-service-mesh x",
                              "\"heroku-integration-service-mesh\" x", "cd app && heroku-integration-service-mesh x",
                              "(heroku-integration-service-mesh x)", "bash -c 'exec heroku-integration-service-mesh x'",
                              "heroku-applink-service-mesh x", "heroku-applink-service-mesh-latest-amd64 x"}) {
    EXPECT_EQ(web(command), "wrapped") << command;
  }
}

TEST(CheckProcfile, SeesNoMeshInOtherWords) {
  for (const char* command :
       {"my-heroku-integration-service-mesh x", "heroku-integration-service-mesh.sh x",
        "npm start --name=heroku-integration-service-mesh", "npm start # heroku-integration-service-mesh"}) {
    EXPECT_EQ(web(command), "unwrapped") << command;
  }
}

TEST(CheckProcfile, LooksIntoTheScriptThatIsStarted) {
  const std::string script = "#!/bin/sh\nset -e\nexec heroku-integration-service-mesh npm start\n";
  for (const char* command : {"bin/start.sh", "./bin/start.sh", "sh bin/start.sh", "/app/bin/start.sh", "$HOME/bin/start.sh",
                              "${HOME}/bin/start.sh", "\"./bin/start.sh\" --now"}) {
    EXPECT_EQ(web_through(command, script), "wrapped") << command;
  }
}

TEST(CheckProcfile, LooksIntoNoScriptOutsideTheApp) {
  int reads = 0;
  const ProcfileCheck result = check_procfile([&](std::string_view path) -> std::optional<std::string> {
    ++reads;
    if (path == "Procfile") return "web: ../start.sh /usr/bin/start.sh bin/../../start.sh";
    return "#!/bin/sh\nheroku-integration-service-mesh x";
  });
  EXPECT_EQ(name(result.web), "unwrapped");
  EXPECT_EQ(reads, 1);
}

TEST(CheckProcfile, SeesNoMeshInAScriptsComments) {
  EXPECT_EQ(web_through("bin/start.sh", "#!/bin/sh\n# heroku-integration-service-mesh is not used\nexec npm start\n"),
            "unwrapped");
  EXPECT_EQ(web_through("bin/start.sh", "#!/bin/sh\nexec npm start  # not heroku-integration-service-mesh\n"), "unwrapped");
}

TEST(CheckProcfile, LooksIntoNothingButScripts) {
  EXPECT_EQ(web_through("bin/start.sh",
                        "\x7f"
                        "ELF heroku-integration-service-mesh "),
            "unwrapped");
}

}  // namespace
}  // namespace mesh
