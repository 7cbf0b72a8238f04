#include "buildpack/cnb/launch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "buildpack/cnb/earlier_processes.h"
#include "buildpack/cnb/toml.h"
#include "buildpack/cnb/wrap.h"
#include "support/cpp/memory_files.h"

namespace mesh::buildpack::cnb {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kLayers = "/layers/heroku_mesh";

std::string process_text(const std::string& type, const std::string& rest = "") {
  return "[[processes]]\ntype = \"" + type + "\"\ncommand = [\"node\"]\n" + rest;
}

// A build in which other buildpacks ran.
struct Layers {
  Layers() { files.put_directory(kLayers); }

  void declare(const std::string& directory, std::string launch) {
    files.put_file("/layers/" + directory + "/launch.toml", std::move(launch));
  }
  void group(const std::vector<std::string>& ids) {
    std::string text;
    for (const std::string& id : ids) text += "[[group]]\nid = \"" + id + "\"\nversion = \"1.0.0\"\napi = \"0.10\"\n";
    files.put_file("/layers/group.toml", text);
  }
  EarlierProcesses earlier() { return earlier_processes(kLayers, files); }
  // As "type: command line", the default with a star.
  std::vector<std::string> found() {
    std::vector<std::string> lines;
    for (const Process& process : earlier().processes.all()) {
      lines.push_back(process.type + (process.is_default ? "*: " : ": ") + command_line(process));
    }
    return lines;
  }

  MemoryFiles files;
};

TEST(EarlierProcesses, ComeFromEarlierBuildpacks) {
  Layers layers;
  layers.group({"heroku/nodejs", "heroku/mesh", "heroku/procfile"});
  layers.declare("heroku_nodejs", process_text("web", "args = [\"server.js\", \"a b\"]\ndefault = true\n"));
  layers.declare("heroku_procfile", process_text("later"));
  layers.declare("heroku_mesh", process_text("own"));
  layers.declare("heroku_other", process_text("foreign"));
  EXPECT_THAT(layers.found(), ElementsAre("web*: node server.js 'a b'"));
  EXPECT_THAT(layers.earlier().later, ElementsAre("heroku/procfile"));
  EXPECT_TRUE(layers.earlier().is_followed_by_procfile);
  EXPECT_THAT(layers.earlier().warnings, IsEmpty());
}

TEST(EarlierProcesses, KeepEverythingOfAProcess) {
  Layers layers;
  layers.declare("a",
                 process_text("web", "args = [\"x\"]\nworking-dir = \"/workspace/api\"\nexec-env = [\"production\"]\n"));
  const auto processes = layers.earlier().processes.all();
  ASSERT_EQ(processes.size(), 1U);
  EXPECT_EQ(processes[0], (Process{.type = "web",
                                   .command = {"node"},
                                   .args = {"x"},
                                   .working_directory = "/workspace/api",
                                   .exec_env = {"production"}}));
}

TEST(EarlierProcesses, AreReadWithoutAGroupInTheOrderOfTheirNames) {
  for (const char* group : {"", "[[group]]\nid = \"someone/else\"\n", "group = 1\n", "not TOML"}) {
    Layers layers;
    if (*group != '\0') layers.files.put_file("/layers/group.toml", group);
    layers.declare("b", "[[processes]]\ntype = \"web\"\ncommand = [\"b\"]\n");
    layers.declare("a", "[[processes]]\ntype = \"web\"\ncommand = [\"a\"]\n");
    layers.declare("heroku_mesh", process_text("own"));
    EXPECT_THAT(layers.found(), ElementsAre("web: b")) << group;
    EXPECT_THAT(layers.earlier().later, IsEmpty());
  }
}

TEST(EarlierProcesses, TheLastDefaultWins) {
  Layers layers;
  layers.group({"z", "a", "heroku/mesh"});
  layers.declare("z", process_text("web", "default = true\n") + process_text("worker"));
  layers.declare("a", process_text("task", "default = true\n"));
  EXPECT_THAT(layers.found(), ElementsAre("task*: node", "web: node", "worker: node"));
}

TEST(EarlierProcesses, ADefaultThatIsDeclaredAgainWithoutIsNotTheDefault) {
  Layers layers;
  layers.declare("a", process_text("web", "default = true\n"));
  layers.declare("b", process_text("worker") + process_text("web"));
  EXPECT_THAT(layers.found(), ElementsAre("web: node", "worker: node"));
}

TEST(EarlierProcesses, UnderstandCommandsOfOlderPlatforms) {
  Layers layers;
  layers.declare("a",
                 "[[processes]]\ntype = \"shell\"\ncommand = \"npm start\"\n"
                 "[[processes]]\ntype = \"direct\"\ncommand = \"npm\"\nargs = [\"start\"]\ndirect = true\n"
                 "[[processes]]\ntype = \"both\"\ncommand = \"npm\"\nargs = [\"start\"]\n");
  EXPECT_THAT(layers.found(), ElementsAre("both: npm start", "direct: npm start", "shell: bash -c 'npm start'"));
  const EarlierProcesses earlier = layers.earlier();
  EXPECT_TRUE(earlier.processes.find("both")->is_shell_with_arguments);
  EXPECT_FALSE(earlier.processes.find("direct")->is_shell_with_arguments);
  EXPECT_THAT(earlier.warnings, IsEmpty());
}

TEST(EarlierProcesses, IgnoreMalformedProcesses) {
  Layers layers;
  layers.declare("a",
                 "[[processes]]\ncommand = [\"x\"]\n"
                 "[[processes]]\ntype = \"\"\ncommand = [\"x\"]\n"
                 "[[processes]]\ntype = \"web\"\n"
                 "[[processes]]\ntype = \"web\"\ncommand = []\n"
                 "[[processes]]\ntype = \"web\"\ncommand = [1]\n"
                 "[[processes]]\ntype = \"web\"\ncommand = \"\"\n"
                 "[[processes]]\ntype = \"web\"\ncommand = [\"x\"]\nargs = \"y\"\n");
  layers.declare("b", "processes = [1, \"x\"]\n");
  layers.declare("c", "processes = 1\n");
  layers.declare("d", "");
  EXPECT_THAT(layers.found(), IsEmpty());
  EXPECT_EQ(layers.earlier().warnings.size(), 9U);
}

TEST(EarlierProcesses, SurviveAnyFile) {
  Layers layers;
  layers.declare("garbage", std::string("\0\xFF[[[", 5));
  layers.declare("huge", std::string(kMaxTomlBytes + 1, '\n'));
  layers.declare("good", process_text("web"));
  layers.files.put_pipe("/layers/pipe/launch.toml");
  layers.files.put_directory("/layers/directory/launch.toml");
  layers.files.put_file("/layers/file", "x");
  EXPECT_THAT(layers.found(), ElementsAre("web: node"));
  EXPECT_THAT(layers.earlier().warnings, ElementsAre("directory/launch.toml is no regular file and was not read.",
                                                     "garbage/launch.toml is not TOML and was passed over.",
                                                     HasSubstr("huge/launch.toml could not be read"),
                                                     "pipe/launch.toml is no regular file and was not read."));
}

TEST(EarlierProcesses, StayInsideTheLayersDirectory) {
  Layers layers;
  layers.files.put_file("/outside/launch.toml", process_text("web"));
  layers.files.put_link("/layers/directory", "/outside");
  layers.files.put_directory("/layers/file");
  layers.files.put_link("/layers/file/launch.toml", "/outside/launch.toml");
  EXPECT_THAT(layers.found(), IsEmpty());
  EXPECT_THAT(layers.earlier().warnings, ElementsAre("file/launch.toml is no regular file and was not read."));

  layers.files.put_file("/launch.toml", process_text("web"));
  layers.group({"..", ".", "../outside", "directory", "heroku/mesh"});
  EXPECT_THAT(layers.found(), IsEmpty());

  layers.files.put_file("/outside/group.toml",
                        "[[group]]\nid = \"file\"\n[[group]]\nid = \"heroku/mesh\"\n[[group]]\nid = \"x\"\n");
  Layers linked;
  linked.files.put_file("/outside/group.toml", "[[group]]\nid = \"heroku/mesh\"\n[[group]]\nid = \"x\"\n");
  linked.files.put_link("/layers/group.toml", "/outside/group.toml");
  EXPECT_THAT(linked.earlier().later, IsEmpty());
}

TEST(EarlierProcesses, AcceptADirectoryWithATrailingSlash) {
  Layers layers;
  layers.group({"a", "heroku/mesh", "b"});
  layers.declare("a", process_text("web"));
  const EarlierProcesses earlier = earlier_processes(std::string(kLayers) + "/", layers.files);
  EXPECT_EQ(earlier.processes.all().size(), 1U);
  EXPECT_THAT(earlier.later, ElementsAre("b"));
}

TEST(EarlierProcesses, AreEmptyWhenFilesAreUnreadable) {
  MemoryFiles files;
  const EarlierProcesses none = earlier_processes("/nowhere/heroku_mesh", files);
  EXPECT_THAT(none.processes.all(), IsEmpty());
  EXPECT_THAT(none.warnings, IsEmpty());
}

std::vector<std::string> types(std::string_view text) {
  const auto choice = parse_wrap(text);
  EXPECT_TRUE(choice) << text;
  return choice ? choice->types : std::vector<std::string>{"failed"};
}

TEST(ParseWrap, IsOffByDefault) {
  for (const char* text : {"", " ", "off", "OFF", " Off\n"}) EXPECT_THAT(types(text), IsEmpty()) << text;
}

TEST(ParseWrap, ChoosesTypesByTheirNames) {
  EXPECT_THAT(types("web"), ElementsAre("web"));
  EXPECT_THAT(types(" web , api-2,web,a.b_C "), ElementsAre("web", "api-2", "a.b_C"));
}

TEST(ParseWrap, RejectsInvalidTypes) {
  std::string many = "t0";
  for (int i = 1; i <= 20; ++i) many += ",t" + std::to_string(i);
  for (const std::string& text :
       {std::string("*"), std::string("web,"), std::string(","), std::string("web,off"), std::string("1"),
        std::string("TRUE"), std::string("on"), std::string("yes"), std::string("all"), std::string("0"), std::string("."),
        std::string(".."), std::string("web worker"), std::string("web;worker"), std::string("w\xC3\xA9"),
        std::string(64, 'a'), many}) {
    const auto choice = parse_wrap(text);
    ASSERT_FALSE(choice) << text;
    EXPECT_EQ(choice.failure().reason, Reason::config_invalid_wrap);
    EXPECT_THAT(choice.failure().detail, testing::StartsWith("HEROKU_SERVICE_MESH_WRAP=\""));
  }
}

// An app of these files.
procfile::App app_of(std::map<std::string, std::string> files = {}) {
  procfile::App app;
  app.read = [files = std::move(files)](std::string_view path) -> std::optional<std::string> {
    const auto found = files.find(std::string(path));
    return found == files.end() ? std::nullopt : std::optional(found->second);
  };
  app.list = [](std::string_view) { return std::vector<std::string>(); };
  return app;
}

ProcessList list_of(std::vector<Process> processes) {
  ProcessList list;
  for (Process& process : processes) list.add(std::move(process));
  return list;
}

const Process kShell = {.type = "web", .command = {"bash", "-c"}, .args = {"npm start"}, .is_default = true};

Wrapping wrapped(const Process& process, Product product = Product::applink, const procfile::App& app = app_of()) {
  return wrap(list_of({process}), {.types = {process.type}}, product, app);
}

TEST(Wrap, PutsTheMeshInFrontByTheRulesOfItsProduct) {
  Process expected = kShell;
  expected.command = {"heroku-applink-service-mesh", "--", "bash", "-c"};
  EXPECT_THAT(wrapped(kShell).processes, ElementsAre(expected));
  expected.command = {"heroku-integration-service-mesh", "bash", "-c"};
  EXPECT_THAT(wrapped(kShell, Product::integration).processes, ElementsAre(expected));
}

TEST(Wrap, KeepsTheRestOfAProcess) {
  const Process direct = {.type = "api.v2",
                          .command = {"java", "-jar"},
                          .args = {"x.jar", "--port", "1"},
                          .working_directory = "/workspace/api",
                          .exec_env = {"production"},
                          .is_default = false};
  Process expected = direct;
  expected.command = {"heroku-applink-service-mesh", "--", "java", "-jar"};
  EXPECT_THAT(wrapped(direct).processes, ElementsAre(expected));
}

TEST(Wrap, ChangesOnlyChosenTypes) {
  Process worker = kShell;
  worker.type = "worker";
  EXPECT_THAT(wrap(list_of({kShell, worker}), {}, Product::applink, app_of()).processes, IsEmpty());
  const Wrapping both = wrap(list_of({kShell, worker}), {.types = {"worker", "web"}}, Product::applink, app_of());
  EXPECT_EQ(both.processes.size(), 2U);
}

TEST(Wrap, KeepsProcessesThatAlreadyStartAMesh) {
  const std::map<std::string, std::string> files = {
      {"start.sh", "#!/bin/sh\nexec heroku-applink-service-mesh -- node server.js\n"},
      {"package.json", R"({"scripts": {"start": "heroku-integration-service-mesh node server.js"}})"}};
  for (const Process& process : std::vector<Process>{
           {.type = "web", .command = {"heroku-applink-service-mesh", "--", "node"}},
           {.type = "web", .command = {"/layers/x/bin/heroku-integration-service-mesh-latest-amd64"}, .args = {"node"}},
           {.type = "web", .command = {"env"}, .args = {"APP_PORT=3000", "heroku-applink-service-mesh", "node"}},
           {.type = "web", .command = {"bash", "-c"}, .args = {"APP_PORT=3000 heroku-integration-service-mesh npm start"}},
           {.type = "web", .command = {"/bin/sh"}, .args = {"-c", "exec bash -c 'heroku-applink-service-mesh -- x'"}},
           {.type = "web", .command = {"./start.sh"}},
           {.type = "web", .command = {"bash"}, .args = {"start.sh"}},
           {.type = "web", .command = {"bash", "-c"}, .args = {"cd . && ./start.sh"}},
           {.type = "web", .command = {"env", "A=1"}, .args = {"npm", "start"}},
           {.type = "web", .command = {"npm", "start"}}}) {
    const Wrapping wrapping = wrapped(process, Product::applink, app_of(files));
    EXPECT_THAT(wrapping.processes, IsEmpty()) << command_line(process);
    EXPECT_THAT(wrapping.notes, ElementsAre("The process type \"web\" starts a mesh already and stays as it is."));
  }
  for (const char* line : {"echo heroku-applink-service-mesh", "npm start", "./other.sh"}) {
    EXPECT_EQ(wrapped({.type = "web", .command = {"bash", "-c"}, .args = {line}}).processes.size(), 1U) << line;
  }
}

TEST(Wrap, WarnsOfATypeThatDoesNotExist) {
  const auto warnings = [](const ProcessList& list) {
    return wrap(list, {.types = {"wep"}}, Product::applink, app_of()).warnings;
  };
  Process worker = kShell;
  worker.type = "worker";
  EXPECT_THAT(
      warnings(list_of({kShell, worker})),
      ElementsAre("HEROKU_SERVICE_MESH_WRAP names the process type \"wep\", which does not exist; there are web, worker."));
  EXPECT_THAT(warnings({}), ElementsAre(HasSubstr("the image has none so far")));
}

TEST(Wrap, KeepsAShellCommandWithArguments) {
  const Wrapping wrapping =
      wrapped({.type = "web", .command = {"node"}, .args = {"$FILE"}, .is_shell_with_arguments = true});
  EXPECT_THAT(wrapping.processes, IsEmpty());
  EXPECT_THAT(wrapping.warnings, ElementsAre(HasSubstr("it is a shell command with arguments")));
}

TEST(Wrap, ChoosesUndeclaredTypesFromTheProcfile) {
  const procfile::App app = app_of({{"Procfile", "Web: npm start\nmy_worker: a\nmy_worker: b\n"}});
  const auto of_procfile = [&](const std::string& type) {
    return wrap({}, {.types = {type}}, Product::applink, app).processes;
  };
  Process expected = kShell;
  expected.command = {"heroku-applink-service-mesh", "--", "bash", "-c"};
  EXPECT_THAT(of_procfile("web"), ElementsAre(expected));
  ASSERT_EQ(of_procfile("my-worker").size(), 1U);
  EXPECT_EQ(command_line(of_procfile("my-worker")[0]), "heroku-applink-service-mesh -- bash -c b");
  EXPECT_FALSE(of_procfile("my-worker")[0].is_default);

  const Process direct = {.type = "web", .command = {"node"}};
  const Wrapping declared = wrap(list_of({direct}), {.types = {"web"}}, Product::integration, app);
  EXPECT_EQ(command_line(declared.processes.at(0)), "heroku-integration-service-mesh node");
}

TEST(Wrap, DeclaresProcfileTypesThatAlreadyStartAMesh) {
  const procfile::App app = app_of({{"Procfile", "web: heroku-applink-service-mesh -- npm start\n"}});
  const Wrapping wrapping = wrap({}, {.types = {"web"}}, Product::applink, app);
  EXPECT_THAT(wrapping.processes, ElementsAre(*procfile_of(app).find("web")));
  EXPECT_THAT(wrapping.behind_mesh, IsEmpty());
}

TEST(ProcfileOf, MakesTheOnlyProcessTheDefault) {
  EXPECT_TRUE(procfile_of(app_of({{"Procfile", "worker: a\n"}})).find("worker")->is_default);
}

TEST(CommandLine, IsQuotedForAShell) {
  EXPECT_EQ(command_line({.type = "web", .command = {"a", ""}, .args = {"it's $X", "--a=b/c"}}),
            "a '' 'it'\\''s $X' --a=b/c");
}

Component component() {
  return {.product = Product::applink,
          .version = "1.2.3",
          .arch = "arm64",
          .sha256 = *Sha256::parse(std::string(64, 'a')),
          .bytes = 1};
}

TEST(LaunchToml, ContainsProcessesAndLabels) {
  const Process process = {.type = "web",
                           .command = {"heroku-applink-service-mesh", "--", "bash", "-c"},
                           .args = {"echo \"it\"\n"},
                           .working_directory = "/workspace/x",
                           .exec_env = {"production"},
                           .is_default = true};
  EXPECT_EQ(launch_toml({process}, labels_of(component())),
            "[[labels]]\nkey = \"com.heroku.service-mesh.product\"\nvalue = \"applink\"\n\n"
            "[[labels]]\nkey = \"com.heroku.service-mesh.version\"\nvalue = \"1.2.3\"\n\n"
            "[[labels]]\nkey = \"com.heroku.service-mesh.arch\"\nvalue = \"arm64\"\n\n"
            "[[labels]]\nkey = \"com.heroku.service-mesh.sha256\"\nvalue = \"" +
                std::string(64, 'a') +
                "\"\n\n"
                "[[processes]]\ntype = \"web\"\ncommand = [\"heroku-applink-service-mesh\", \"--\", \"bash\", \"-c\"]\n"
                "args = [\"echo \\\"it\\\"\\n\"]\ndefault = true\nworking-dir = \"/workspace/x\"\n"
                "exec-env = [\"production\"]\n");
}

TEST(LaunchToml, RoundTrips) {
  Layers layers;
  layers.declare("a", launch_toml({kShell}, labels_of(component())));
  EXPECT_THAT(layers.earlier().processes.all(), ElementsAre(kShell));
}

TEST(LaunchToml, LeavesOutAnUnknownVersion) {
  Component unknown = component();
  unknown.version = "";
  EXPECT_EQ(labels_of(unknown).size(), 3U);
  EXPECT_EQ(launch_toml({}, {}), "");
}

}  // namespace
}  // namespace mesh::buildpack::cnb
