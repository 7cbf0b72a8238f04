#include "buildpack/procfile/procfile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "support/cpp/doctored_app.h"

namespace mesh::buildpack::doctor {

using procfile::App;
using procfile::Entry;
using procfile::parse_procfile;
using procfile::place_of;
using procfile::read_procfile;
using procfile::web_entry;
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The process types as "name=command".
std::vector<std::string> parsed(std::string_view text) {
  std::vector<std::string> types;
  for (const Entry& entry : parse_procfile(text)) types.push_back(entry.name + "=" + entry.command);
  return types;
}

std::string web_command(std::string_view text) {
  const auto entries = parse_procfile(text);
  const Entry* const web = web_entry(entries);
  return web == nullptr ? "(none)" : web->command;
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

TEST(ParseProcfile, KnowsLineEndsOfAnyKind) {
  EXPECT_THAT(parsed("web: a\r\nworker: b\r\n"), ElementsAre("web=a", "worker=b"));
  EXPECT_THAT(parsed("web: a\rworker: b\r"), ElementsAre("web=a", "worker=b"));
}

TEST(ParseProcfile, PassesOverAByteOrderMark) { EXPECT_THAT(parsed("\uFEFFweb: a\n"), ElementsAre("web=a")); }

TEST(ParseProcfile, TrimsCommands) { EXPECT_THAT(parsed("  web \t:\t a  b \t\n"), ElementsAre("web=a  b")); }

TEST(ParseProcfile, CountsLines) {
  const auto entries = parse_procfile("\n# x\r\nweb: a\n");
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(place_of(entries[0]), "Procfile:3");
}

TEST(ParseProcfile, KeepsASecondNameApart) {
  const auto entries = parse_procfile("web: web: a\nworker: WEB: b\nclock: other: c\n");
  EXPECT_THAT(parsed("web: web: a\nworker: WEB: b\nclock: other: c\n"), ElementsAre("web=a", "worker=b", "clock=other: c"));
  EXPECT_THAT(parsed("web: web: web: web:\nweb:web:web: a\n"), ElementsAre("web=", "web=web:web: a"));
  EXPECT_EQ(entries[0].second_name, "web:");
  EXPECT_EQ(entries[2].second_name, "");
}

TEST(ParseProcfile, JoinsALineThatABackslashContinues) {
  const auto entries = parse_procfile("web: A=1 \\\n  run \\\n  it\nworker: x\n");
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].command, "A=1 run it");
  EXPECT_TRUE(entries[0].continued);
  EXPECT_EQ(entries[1].line, 4u);
}

// Returns the name of the Procfile in an app with these files, or "utf-16", "unreadable" or "none".
std::string procfile_among(std::map<std::string, std::string, std::less<>> files) {
  const DoctoredApp app{.files = std::move(files)};
  const auto found = read_procfile(app.app());
  if (!found) return "none";
  return found->is_utf16 ? "utf-16" : (found->is_unreadable ? "unreadable" : found->file);
}

TEST(ReadProcfile, KnowsItByWrongNamesAndEncodings) {
  EXPECT_EQ(procfile_among({{"Procfile", "web: x"}, {"procfile", "web: y"}}), "Procfile");
  for (const std::string name : {"procfile", "PROCFILE", "Procfile.txt"})
    EXPECT_EQ(procfile_among({{name, "web: x"}}), name);
  EXPECT_EQ(procfile_among({{"Procfile.dev", "web: x"}}), "none");
  for (const std::string& text : {std::string("\xFF\xFEw\0e\0b\0", 8), std::string("\xFE\xFF\0w\0e\0b", 8)}) {
    EXPECT_EQ(procfile_among({{"Procfile", text}}), "utf-16");
  }
}

TEST(ReadProcfile, KnowsOneThatCannotBeRead) {
  DoctoredApp files{.files = {{"Procfile", "web: x"}}};
  App app = files.app();
  app.read = [](std::string_view) { return std::nullopt; };
  EXPECT_TRUE(read_procfile(app).value().is_unreadable);
  EXPECT_EQ(examine(app).web, WebProcess::unknown);
  EXPECT_THAT(examine(app).mistakes(), IsEmpty());
}

TEST(WebEntry, IsTheLastOfSeveral) {
  EXPECT_EQ(web_command("web: a\nworker: b\nweb: c\n"), "c");
  EXPECT_EQ(web_command("web: a\nWEB: b\n"), "a");
  EXPECT_EQ(web_command("WEB: b\nweb: a\n"), "a");
  EXPECT_EQ(web_command("Web: a\n"), "a");
  EXPECT_EQ(web_command("worker: a\n"), "(none)");
}

// How the web process of an app starts whose files are these.
std::string_view web(const std::string& command, const std::string& script = "") {
  DoctoredApp app{.files = {{"Procfile", "web: " + command}}};
  if (!script.empty()) app.files["bin/start.sh"] = script;
  return name(app.examine().web);
}

TEST(WebProcess, IsWrappedHoweverTheMeshIsCalled) {
  for (const char* command : {"APP_PORT=3000 heroku-integration-service-mesh npm start",
                              "vendor/heroku-integration/bin/heroku-integration-service-mesh x",
                              "\"heroku-integration-service-mesh\" x", "cd app && heroku-integration-service-mesh x",
                              "(heroku-integration-service-mesh x)", "bash -c 'exec heroku-integration-service-mesh x'",
                              "heroku-applink-service-mesh x", "heroku-applink-service-mesh-latest-amd64 x"}) {
    EXPECT_EQ(web(command), "wrapped") << command;
  }
}

TEST(WebProcess, IsNotWrappedByOtherWords) {
  for (const char* command :
       {"my-heroku-integration-service-mesh x", "heroku-integration-service-mesh.sh x",
        "npm start --name=heroku-integration-service-mesh", "npm start # heroku-integration-service-mesh"}) {
    EXPECT_EQ(web(command), "unwrapped") << command;
  }
}

TEST(WebProcess, IsWrappedByTheScriptThatIsStarted) {
  const std::string script = "#!/bin/sh\nset -e\nexec heroku-integration-service-mesh npm start\n";
  for (const char* command : {"bin/start.sh", "./bin/start.sh", "sh bin/start.sh", "/app/bin/start.sh", "$HOME/bin/start.sh",
                              "${HOME}/bin/start.sh", "\"./bin/start.sh\" --now"}) {
    EXPECT_EQ(web(command, script), "wrapped") << command;
  }
}

TEST(WebProcess, IsNotWrappedByAScriptsComments) {
  EXPECT_EQ(web("bin/start.sh", "#!/bin/sh\n# heroku-integration-service-mesh is not used\nexec npm start\n"), "unwrapped");
  EXPECT_EQ(web("bin/start.sh", "#!/bin/sh\nexec npm start  # not heroku-integration-service-mesh\n"), "unwrapped");
}

TEST(WebProcess, IsUnwrappedWithoutAScript) {
  EXPECT_EQ(web("bin/start.sh",
                "\x7f"
                "ELF heroku-integration-service-mesh "),
            "unwrapped");
}

}  // namespace
}  // namespace mesh::buildpack::doctor
