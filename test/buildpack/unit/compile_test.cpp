#include "buildpack/cedar/compile.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "buildpack/base/architecture.h"
#include "buildpack/cedar/detect.h"
#include "buildpack/cedar/record_store.h"
#include "buildpack/cedar/report.h"
#include "buildpack/install/layout.h"
#include "buildpack/report/projection.h"
#include "support/cpp/archives.h"
#include "support/cpp/build_world.h"
#include "support/cpp/digests.h"

namespace mesh::buildpack {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

const std::string kReleases = BuildWorld::kReleases;
const std::string kAsset = BuildWorld::kAsset;
const std::string kApi = "https://api.github.com/repos/heroku/heroku-integration-service-mesh/releases/tags/";
const std::string kBinaryTarget = layout_of(Product::integration).binary;
const std::string kProfileTarget = layout_of(Product::integration).profile;
const std::string kBinary = "/app/" + kBinaryTarget;
const std::string kProfile = "/app/" + kProfileTarget;
constexpr const char* kRecord = "/cache/build-data/heroku-integration-service-mesh.json";

// Fakes for a Cedar build.
struct Surroundings : BuildWorld {
  Surroundings() : BuildWorld("/app", "/env", Environment{{{"STACK", "heroku-24"}, {"REQUEST_ID", "request-1"}}}) {
    files.put_directory("/cache");
  }

  void configure(const std::string& name, const std::string& value) {
    set("HEROKU_INTEGRATION_SERVICE_MESH_" + name, value);
  }

  RecordStore records() { return {files, "/cache", "/tmp", {"request-1", "/app"}}; }

  Result<void> compile() { return cedar::compile({"/app", "/cache", "/env"}, context(), world()).result; }
};

class CompileTest : public testing::Test {
 protected:
  Result<void> compile() { return surroundings_.compile(); }

  // The id of the failure that a build ends in, which its record must name too.
  std::string failure() {
    const auto result = compile();
    if (result) return "(none)";
    EXPECT_EQ(text("build_status"), "failure");
    EXPECT_EQ(text("failure_reason"), entry(result.failure().reason).id);
    EXPECT_EQ(files_.kind(kBinary), FileKind::missing);
    EXPECT_EQ(files_.kind("/app/.profile.d"), FileKind::missing);
    return std::string(entry(result.failure().reason).id);
  }

  Mapping report() { return project(*surroundings_.records().load()); }
  std::string text(const std::string& key) {
    const Mapping mapping = report();
    const auto found = mapping.find(key);
    return found == mapping.end() ? "(absent)" : std::get<std::string>(found->second);
  }

  Surroundings surroundings_;
  MemoryFiles& files_ = surroundings_.files;
  ScriptedHttp& http_ = surroundings_.http;
  RecordingConsole& console_ = surroundings_.console;
};

TEST_F(CompileTest, InstallsTheLatestRelease) {
  ASSERT_TRUE(compile());
  EXPECT_EQ(files_.content(kBinary), program());
  EXPECT_EQ(files_.mode(kBinary), 0755u);
  EXPECT_EQ(files_.content(kProfile), profile_script(Product::integration));
  EXPECT_EQ(files_.mode(kProfile), 0644u);
  EXPECT_THAT(*files_.list("/app"), ElementsAre(".profile.d", "Procfile", "vendor"));
}

TEST_F(CompileTest, SendsNoApiRequest) {
  ASSERT_TRUE(compile());
  EXPECT_THAT(http_.addresses(), ElementsAre(kReleases + "/latest", kReleases + "/download/v0.1.2" + kAsset));
}

TEST_F(CompileTest, LogsEachStep) {
  ASSERT_TRUE(compile());
  EXPECT_THAT(
      console_.entries(),
      ElementsAre(
          "step: Heroku Integration Service Mesh: the Procfile calls heroku-integration-service-mesh",
          "step: Installing version \"v0.1.2\" of Heroku Integration Service Mesh...",
          StartsWith("detail: Latest release of heroku/heroku-integration-service-mesh at https://github.com/ ("),
          "detail: Downloading heroku-integration-service-mesh...",
          AllOf(StartsWith("detail: Downloaded "), HasSubstr(" of v0.1.2 from github.com (")),
          AllOf(StartsWith("detail: SHA-256 "), HasSubstr("not verified: the release publishes no checksum) (")),
          StartsWith("detail: Unpacked 200.1 kB ("), StartsWith("detail: Inspected the binary: Linux executable for "),
          "detail: Installing heroku-integration-service-mesh...", StartsWith("detail: Installed " + kBinaryTarget + " ("),
          StartsWith("detail: Done! ("),
          StartsWith("step: Ensure that heroku-integration-service-mesh is configured in your Procfile's web process"),
          StartsWith("detail: Checked the Procfile ("),
          StartsWith("detail: Found: web: APP_PORT=3000 heroku-integration-service-mesh npm start")));
}

TEST_F(CompileTest, RecordsItsFacts) {
  ASSERT_TRUE(compile());
  Mapping facts = report();
  std::erase_if(facts, [](const auto& fact) { return fact.first.ends_with("_duration"); });
  const std::string content = program();
  const Mapping expected = {{"arch", std::string(name(kArchitecture))},
                            {"build_status", std::string("success")},
                            {"build_step", std::string("done")},
                            {"cache_status", std::string("miss")},
                            {"buildpack_version", std::string("1.0.0")},
                            {"download_attempts", std::int64_t{1}},
                            {"download_bytes", static_cast<std::int64_t>(release_archive(content).size())},
                            {"download_host", std::string("github.com")},
                            {"generation", std::string("cedar")},
                            {"procfile_findings_count", std::int64_t{0}},
                            {"procfile_web", std::string("wrapped")},
                            {"service_mesh_bytes", static_cast<std::int64_t>(content.size())},
                            {"service_mesh_product", std::string("integration")},
                            {"service_mesh_sha256", digest_of(content)},
                            {"service_mesh_source", std::string("github")},
                            {"service_mesh_verified_by", std::string("none")},
                            {"service_mesh_version", std::string("v0.1.2")},
                            {"service_mesh_version_pinned", false},
                            {"service_mesh_version_requested", std::string("latest")},
                            {"stack", std::string("heroku-24")},
                            {"started_at", std::string("2025-10-09T08:53:20.000Z")},
                            {"trace_id", std::string(Surroundings::kTraceId)}};
  EXPECT_EQ(facts, expected);
}

TEST_F(CompileTest, TimesItsPhases) {
  ScriptedAnswer slow = redirect_to(kReleases + "/tag/v0.1.2");
  slow.before = [this] { surroundings_.clock.advance(1500ms); };
  http_ = {};
  http_.on(kReleases + "/latest", slow);
  http_.on(kReleases + "/download/v0.1.2" + kAsset, answer(200, BuildWorld::archive()));
  ASSERT_TRUE(compile());
  EXPECT_EQ(report().at("resolve_duration"), Value(1.5));
  EXPECT_EQ(report().at("total_duration"), Value(1.5));
  EXPECT_EQ(console_.count("(1.50 s)"), 2);
}

TEST_F(CompileTest, ConnectsWithTheSettings) {
  files_.put_file("/env/https_proxy", "proxy:3128");
  ASSERT_TRUE(compile());
  EXPECT_EQ(surroundings_.connected_with->user_agent, "heroku-integration-service-mesh-buildpack/1.0.0");
  EXPECT_EQ(surroundings_.connected_with->proxies.for_https, "proxy:3128");
  EXPECT_EQ(surroundings_.connected_with->trust_roots.file, "/etc/ssl/certs/ca-certificates.crt");
}

TEST_F(CompileTest, WarnsOfAMissingCertificateFile) {
  surroundings_.environment = Environment(std::map<std::string, std::string>{{"SSL_CERT_FILE", "/nothing.pem"}});
  ASSERT_TRUE(compile());
  EXPECT_EQ(console_.count("/nothing.pem"), 1);
}

TEST_F(CompileTest, InstallsAPinnedVersionWithoutAsking) {
  surroundings_.configure("RELEASE_VERSION", "0.1.2");
  ASSERT_TRUE(compile());
  EXPECT_THAT(http_.addresses(), ElementsAre(kReleases + "/download/v0.1.2" + kAsset));
  EXPECT_EQ(report().at("service_mesh_version_pinned"), Value(true));
  EXPECT_EQ(text("service_mesh_version_requested"), "0.1.2");
}

TEST_F(CompileTest, RecordsTheTagThatExists) {
  surroundings_.configure("RELEASE_VERSION", "v0.2.0");
  surroundings_.publish("0.2.0", BuildWorld::archive());
  ASSERT_TRUE(compile());
  EXPECT_EQ(text("service_mesh_version"), "0.2.0");
}

TEST_F(CompileTest, ComparesThePin) {
  surroundings_.configure("SHA256", std::string(64, '0'));
  EXPECT_EQ(failure(), "verify::digest-mismatch");
  EXPECT_EQ(text("failure_step"), "verify");
  EXPECT_THAT(text("failure_detail"), StartsWith("expected 00000"));
  EXPECT_EQ(text("service_mesh_verified_by"), "(absent)");
}

TEST_F(CompileTest, InstallsAPinnedDigest) {
  const std::string& archive = BuildWorld::archive();
  surroundings_.configure("SHA256", digest_of(archive));
  ASSERT_TRUE(compile());
  EXPECT_EQ(text("service_mesh_verified_by"), "sha256-pin");
}

// A release whose file has another name.
std::string release_json(std::string_view digest) {
  return fmt::format(R"({{"tag_name":"v9","assets":[{{"name":"mesh-{}.tar.gz","browser_download_url":"https://cdn/x",)"
                     R"("digest":"sha256:{}"}}]}})",
                     name(kArchitecture), digest);
}

TEST_F(CompileTest, AsksTheApiWhenTheUsualFileIsMissing) {
  const std::string& archive = BuildWorld::archive();
  surroundings_.configure("RELEASE_VERSION", "v9");
  http_.on(kApi + "v9", answer(200, release_json(digest_of(archive))));
  http_.on("https://cdn/x", answer(200, archive));
  ASSERT_TRUE(compile());
  EXPECT_EQ(text("service_mesh_version"), "v9");
  EXPECT_EQ(text("service_mesh_verified_by"), "release-digest");
  EXPECT_EQ(text("download_host"), "cdn");
}

TEST_F(CompileTest, ComparesThePublishedDigest) {
  surroundings_.configure("RELEASE_VERSION", "v9");
  http_.on(kApi + "v9", answer(200, release_json(std::string(64, '0'))));
  http_.on("https://cdn/x", answer(200, BuildWorld::archive()));
  EXPECT_EQ(failure(), "verify::digest-mismatch");
}

TEST_F(CompileTest, FailsWhenAListedFileIsMissing) {
  surroundings_.configure("RELEASE_VERSION", "v9");
  http_.on(kApi + "v9", answer(200, release_json(std::string(64, '0'))));
  EXPECT_EQ(failure(), "download::not-found");
}

TEST_F(CompileTest, RecordsNoVersionThatDoesNotExist) {
  surroundings_.configure("RELEASE_VERSION", "v9");
  EXPECT_EQ(failure(), "resolve::not-found");
  EXPECT_EQ(text("service_mesh_version"), "(absent)");
  EXPECT_EQ(text("service_mesh_version_requested"), "v9");
}

TEST_F(CompileTest, FailsEachStepUnderItsName) {
  const std::vector<std::pair<std::string, std::pair<std::string, std::string>>> archives = {
      {"<html>", {"download::not-an-archive", "download"}},
      {gzip("no tar file"), {"archive::corrupt", "unpack"}},
      {gzip(tar_member({"other", "x"}) + tar_end()), {"archive::missing-binary", "unpack"}},
      {release_archive("#!/bin/sh"), {"binary::wrong-format", "inspect"}}};
  for (const auto& [archive, outcome] : archives) {
    http_ = {};
    surroundings_.publish("v0.1.2", archive);
    EXPECT_EQ(failure(), outcome.first);
    EXPECT_EQ(text("failure_step"), outcome.second);
    EXPECT_EQ(text("build_step"), outcome.second);
    EXPECT_THAT(*files_.list("/app"), ElementsAre("Procfile"));
  }
}

TEST_F(CompileTest, FailsBeforeAnyRequestWhenSettingsAreInvalid) {
  surroundings_.configure("BASE_URL", "http://mirror.example");
  EXPECT_EQ(failure(), "config::invalid-url");
  EXPECT_EQ(text("failure_step"), "settings");
  EXPECT_THAT(http_.addresses(), IsEmpty());
}

TEST_F(CompileTest, FailsWithoutAnApp) {
  ASSERT_TRUE(files_.remove("/app"));
  EXPECT_EQ(failure(), "platform::build-directory");
}

TEST_F(CompileTest, FailsWhenADirectoryIsInTheWay) {
  files_.put_directory(kBinary);
  const auto result = compile();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.failure().reason, Reason::install_path_conflict);
  EXPECT_EQ(text("failure_step"), "place");
  EXPECT_THAT(*files_.list("/app"), ElementsAre("Procfile", "vendor"));
}

TEST_F(CompileTest, NamesReplacedFilesOfTheApp) {
  files_.put_file(kProfile, "the app's");
  ASSERT_TRUE(compile());
  EXPECT_EQ(console_.count("a file " + kProfileTarget), 1);
}

TEST_F(CompileTest, ReportsAStoppedBuildAsInterrupted) {
  http_ = {};
  http_.on(kReleases + "/latest", failing(ErrorKind::cancelled));
  const auto result = compile();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.failure().reason, Reason::build_interrupted);
  EXPECT_EQ(text("build_status"), "interrupted");
  EXPECT_EQ(text("build_step"), "resolve");
  EXPECT_EQ(text("failure_reason"), "(absent)");
}

TEST_F(CompileTest, ReportsABuildStoppedDuringTheDownloadAsInterrupted) {
  http_ = {};
  surroundings_.configure("RELEASE_VERSION", "v1.0");
  http_.on(kReleases + "/download/v1.0" + kAsset, failing(ErrorKind::cancelled, BuildWorld::archive().substr(0, 5'000)));
  ASSERT_FALSE(compile());
  EXPECT_EQ(text("build_status"), "interrupted");
  EXPECT_EQ(text("build_step"), "download");
  EXPECT_THAT(*files_.list("/app"), ElementsAre("Procfile"));
}

TEST_F(CompileTest, StartsNoStepAfterAStopRequest) {
  http_ = {};
  ScriptedAnswer last = redirect_to(kReleases + "/tag/v0.1.2");
  last.before = [this] { surroundings_.stopped = true; };
  http_.on(kReleases + "/latest", last);
  ASSERT_FALSE(compile());
  EXPECT_EQ(text("build_status"), "interrupted");
  EXPECT_EQ(http_.requests().size(), 1u);
  EXPECT_THAT(*files_.list("/app"), ElementsAre("Procfile"));
}

TEST_F(CompileTest, RecordsAnInternalError) {
  World world = surroundings_.world();
  world.connect = [](const CurlHttpSettings&) -> std::unique_ptr<Http> { throw std::runtime_error("a\ndefect"); };
  const auto result = cedar::compile({"/app", "/cache", "/env"}, surroundings_.context(), world).result;
  ASSERT_FALSE(result);
  EXPECT_EQ(result.failure().reason, Reason::internal_error_unhandled);
  EXPECT_EQ(text("failure_reason"), "internal-error::unhandled");
  EXPECT_EQ(text("failure_detail"), "a defect");
  EXPECT_EQ(text("failure_step"), "settings");
}

TEST_F(CompileTest, NamesTheProductOfAFailedBuild) {
  files_.put_file("/env/HEROKU_SERVICE_MESH_PRODUCT", "applink");
  files_.put_file("/env/HEROKU_APPLINK_SERVICE_MESH_SHA256", "malformed");
  const auto outcome = cedar::compile({"/app", "/cache", "/env"}, surroundings_.context(), surroundings_.world());
  EXPECT_EQ(outcome.result.failure().reason, Reason::config_invalid_sha256);
  EXPECT_EQ(outcome.product, Product::applink);
}

TEST_F(CompileTest, ReportsWhetherTheVersionChanged) {
  ASSERT_TRUE(compile());
  EXPECT_EQ(text("service_mesh_version_previous"), "(absent)");
  ASSERT_TRUE(compile());
  EXPECT_EQ(text("service_mesh_version_previous"), "v0.1.2");
  EXPECT_EQ(report().at("service_mesh_version_changed"), Value(false));
  http_ = {};
  surroundings_.publish("v0.1.3", BuildWorld::archive());
  ASSERT_TRUE(compile());
  EXPECT_EQ(report().at("service_mesh_version_changed"), Value(true));
  EXPECT_EQ(console_.count("The last build had v0.1.2"), 1);
}

TEST_F(CompileTest, NeedsNoCacheAndNoEnvDirectory) {
  ASSERT_TRUE(cedar::compile({.build = "/app"}, surroundings_.context(std::nullopt), surroundings_.world()).result);
  EXPECT_EQ(files_.content(kBinary), program());
  EXPECT_THAT(*files_.list("/cache"), IsEmpty());
}

TEST_F(CompileTest, AdvisesOnTheProcfile) {
  files_.put_file("/app/Procfile", "web: npm start\n");
  ASSERT_TRUE(compile());
  EXPECT_EQ(text("procfile_web"), "unwrapped");
  EXPECT_EQ(text("procfile_findings"), "mesh-not-used");
  EXPECT_EQ(console_.count("heroku-integration-service-mesh env PORT=3000 npm start"), 1);
}

TEST_F(CompileTest, LogsNotesBesideTheAdvice) {
  ASSERT_TRUE(files_.remove("/env/HEROKU_INTEGRATION_TOKEN"));
  ASSERT_TRUE(compile());
  EXPECT_EQ(text("procfile_findings"), "(absent)");
  EXPECT_EQ(console_.count("detail: addon-vars-missing (note), "), 1);
  EXPECT_EQ(console_.count("warning: "), 0);
}

TEST_F(CompileTest, FailsForMistakesOnlyWhenStrict) {
  files_.put_file("/app/Procfile", "web: APP_PORT=3000 heroku-integration-service-mesh -- npm start\n");
  for (const char* value : {"", "0", "no"}) {
    files_.put_file("/env/HEROKU_SERVICE_MESH_STRICT", value);
    EXPECT_TRUE(compile()) << value;
  }
  for (const char* value : {"1", "true", " Yes\n"}) {
    files_.put_file("/env/HEROKU_SERVICE_MESH_STRICT", value);
    const auto result = compile();
    ASSERT_FALSE(result) << value;
    EXPECT_EQ(result.failure().reason, Reason::procfile_strict);
    EXPECT_EQ(result.failure().detail, "dashdash-on-integration");
    EXPECT_EQ(text("failure_step"), "procfile");
    EXPECT_EQ(text("procfile_findings"), "dashdash-on-integration");
  }
}

TEST_F(CompileTest, NeverFailsForNotes) {
  ASSERT_TRUE(files_.remove("/env/HEROKU_INTEGRATION_TOKEN"));
  files_.put_file("/env/HEROKU_SERVICE_MESH_STRICT", "1");
  EXPECT_TRUE(compile());
}

TEST_F(CompileTest, FollowsNoLinkOutOfTheApp) {
  files_.put_file("/secret/start.sh", "#!/bin/sh\nheroku-integration-service-mesh -- x --password hunter2\n");
  files_.put_link("/app/start.sh", "/secret/start.sh");
  files_.put_file("/app/Procfile", "web: ./start.sh\n");
  ASSERT_TRUE(compile());
  EXPECT_EQ(text("procfile_web"), "unknown");
  EXPECT_EQ(text("procfile_findings"), "(absent)");
  EXPECT_EQ(console_.count("hunter2"), 0);
}

TEST_F(CompileTest, HidesSecretsOfAMirror) {
  surroundings_.configure("BASE_URL", "https://user:secret@mirror.example");
  http_ = {};
  const std::string base = "https://user:secret@mirror.example/heroku/heroku-integration-service-mesh/releases";
  http_.on(base + "/latest", redirect_to("https://mirror.example/a/b/releases/tag/v1.0"));
  http_.on(base + "/download/v1.0" + kAsset, answer(503));
  EXPECT_EQ(failure(), "download::server-error");
  EXPECT_EQ(console_.count("secret"), 0);
  EXPECT_THAT(files_.content(kRecord), Not(HasSubstr("secret")));
}

// Whether all of an installation is there ("installed"), none of it ("nothing"), or what there is.
std::string installed(MemoryFiles& files) {
  const bool binary = files.kind(kBinary) == FileKind::file;
  const bool profile = files.kind(kProfile) == FileKind::file;
  if (binary && profile && files.content(kBinary) == program() &&
      files.content(kProfile) == profile_script(Product::integration)) {
    return "installed";
  }
  const bool nothing = files.kind("/app/vendor") == FileKind::missing && files.kind("/app/.profile.d") == FileKind::missing;
  return nothing ? "nothing" : "a part";
}

TEST(CompileOnABadDisk, InstallsAllOrNothingWhenAnyCallFails) {
  for (int number = 0;; ++number) {
    Surroundings surroundings;
    surroundings.files.fail_call(number, ErrorKind::io);
    const auto result = surroundings.compile();
    const std::string call = surroundings.files.failed_call();
    if (call.empty()) {
      EXPECT_GT(number, 20);
      break;
    }
    EXPECT_EQ(installed(surroundings.files), result ? "installed" : "nothing") << call;

    const auto record = surroundings.records().load();
    ASSERT_TRUE(record) << call;
    EXPECT_EQ(record->status, result ? BuildStatus::success : BuildStatus::failure) << call;
    EXPECT_EQ(record->failure.has_value(), !result) << call;
  }
}

TEST(CompileOnABadDisk, RestoresTheAppsFilesWhenAnyCallFails) {
  for (int number = 0;; ++number) {
    Surroundings surroundings;
    surroundings.files.put_file(kBinary, "the app's program");
    surroundings.files.put_file(kProfile, "the app's script");
    surroundings.files.fail_call(number, ErrorKind::no_space);
    const auto result = surroundings.compile();
    const std::string call = surroundings.files.failed_call();
    if (call.empty()) break;
    if (result) {
      EXPECT_EQ(installed(surroundings.files), "installed") << call;
    } else {
      EXPECT_EQ(surroundings.files.content(kBinary), "the app's program") << call;
      EXPECT_EQ(surroundings.files.content(kProfile), "the app's script") << call;
    }
  }
}

TEST(CompileOnABadDisk, ContinuesWithoutARecord) {
  Surroundings surroundings;
  surroundings.files.fail("replace", "mesh.json", ErrorKind::no_space, 1'000);
  EXPECT_TRUE(surroundings.compile());
  EXPECT_EQ(installed(surroundings.files), "installed");
}

TEST(Detect, PrintsTheBuildpacksName) {
  Surroundings surroundings;
  EXPECT_TRUE(cedar::detect("/app", surroundings.world()));
  EXPECT_THAT(surroundings.console.entries(), ElementsAre("plain: Heroku Integration Service Mesh"));
}

TEST(Detect, FailsWithoutADirectory) {
  Surroundings surroundings;
  for (const char* path : {"/nothing", "/app/Procfile"}) {
    EXPECT_EQ(cedar::detect(path, surroundings.world()).failure().reason, Reason::platform_build_directory);
  }
  EXPECT_THAT(surroundings.console.entries(), IsEmpty());
}

TEST(Report, ReportsTheLastBuild) {
  Surroundings surroundings;
  ASSERT_TRUE(surroundings.compile());
  const std::string yaml = cedar::report({"/app", "/cache"}, "1.0.0", surroundings.environment, surroundings.files);
  EXPECT_THAT(yaml, AllOf(StartsWith("arch: \""), HasSubstr("\nbuild_status: \"success\"\n"),
                          HasSubstr("\nservice_mesh_version: \"v0.1.2\"\n")));
}

TEST(Report, ReportsAMissingRecord) {
  Surroundings surroundings;
  for (const std::optional<Path>& cache :
       {std::optional<Path>(), std::optional<Path>("/cache"), std::optional<Path>("/nothing")}) {
    const std::string yaml = cedar::report({"/app", cache}, "1.0.0", surroundings.environment, surroundings.files);
    EXPECT_THAT(yaml, AllOf(HasSubstr("failure_reason: \"record::missing\"\n"), HasSubstr("stack: \"heroku-24\"\n"),
                            HasSubstr("buildpack_version: \"1.0.0\"\n")));
  }
}

TEST(Report, ReportsACorruptRecord) {
  Surroundings surroundings;
  surroundings.files.put_file(kRecord, "{\"format\":1,");
  EXPECT_THAT(cedar::report({"/app", "/cache"}, "1.0.0", surroundings.environment, surroundings.files),
              HasSubstr("failure_reason: \"record::unreadable\"\n"));
}

}  // namespace
}  // namespace mesh::buildpack
