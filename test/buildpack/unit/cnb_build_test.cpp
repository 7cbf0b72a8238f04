#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "buildpack/cedar/compile.h"
#include "buildpack/cedar/record_store.h"
#include "buildpack/cnb/build.h"
#include "buildpack/cnb/layer_cache.h"
#include "buildpack/cnb/toml.h"
#include "buildpack/install/layout.h"
#include "support/cpp/cloud_world.h"
#include "support/cpp/digests.h"

namespace mesh::buildpack {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::StartsWith;
using testing::UnorderedElementsAre;

const std::string kArch(name(kArchitecture));
const std::string kKey(40, 'A');
const std::string kOtherKey(40, 'B');
const std::string kObject = fmt::format("{}/heroku-applink-service-mesh-latest-{}", CloudWorld::kMirror, kArch);
const std::string kIntegrationProgram = std::string(CloudWorld::kLayer) + "/bin/heroku-integration-service-mesh";
const std::string kAppLinkProgram = std::string(CloudWorld::kLayer) + "/bin/heroku-applink-service-mesh";

class CnbBuildTest : public testing::Test {
 protected:
  Result<void> build() { return world_.build(); }

  // The id of the failure that a build ends in, which its record must name too.
  std::string failure() {
    const auto result = build();
    if (result) return "(none)";
    std::string id(entry(result.failure().reason).id);
    EXPECT_EQ(world_.record.content().status, BuildStatus::failure);
    EXPECT_TRUE(world_.record.content().failure && world_.record.content().failure->reason == id);
    return id;
  }

  std::string failed_step() { return std::string(name(world_.record.content().failure.value().step)); }

  // Returns a value of the layer's metadata, or "(absent)".
  std::string metadata(std::string_view key) {
    const auto toml = cnb::parse_toml(files_.content(CloudWorld::kMetadata));
    const cnb::TomlTable* table = toml ? toml->table("metadata") : nullptr;
    return table == nullptr ? "(absent)" : table->text(key).value_or("(absent)");
  }

  // AppLink's latest program is at the mirror, signed by this key.
  void publish_applink(const std::string& key = kKey, const std::string& content = program()) {
    world_.publish_applink(content, "\"one\"");
    world_.processes.next(CloudWorld::good_signature(key));
  }

  void build_applink() {
    world_.want_applink();
    publish_applink();
    ASSERT_TRUE(build());
  }

  // Restores the layer of the previous build, with these metadata.
  void restored_with(const std::string& metadata) {
    world_.next_container();
    files_.put_file(CloudWorld::kMetadata, metadata);
    world_.publish("v0.1.2", CloudWorld::archive());
  }

  CloudWorld world_;
  MemoryFiles& files_ = world_.files;
  ScriptedHttp& http_ = world_.http;
  RecordingConsole& console_ = world_.console;
};

TEST_F(CnbBuildTest, InstallsTheMeshInALayer) {
  ASSERT_TRUE(build());
  EXPECT_EQ(files_.content(kIntegrationProgram), program());
  EXPECT_EQ(files_.mode(kIntegrationProgram), 0755u);
  EXPECT_THAT(*files_.list(CloudWorld::kLayers),
              ElementsAre("launch.toml", "service-mesh", "service-mesh.sbom.cdx.json", "service-mesh.sbom.spdx.json",
                          "service-mesh.toml", "store.toml"));
  EXPECT_THAT(*files_.list("/workspace"), ElementsAre("Procfile"));
}

TEST_F(CnbBuildTest, AddsTheNamesThatProcfilesUse) {
  ASSERT_TRUE(build());
  const auto names = *files_.list(Path(CloudWorld::kLayer) / "bin");
  EXPECT_THAT(names, Contains("heroku-applink-service-mesh-v0.1.2-" + kArch));
  for (const std::string& name : alias_names(Product::integration, "v0.1.2", kArchitecture)) {
    EXPECT_EQ(*files_.read_link(Path(CloudWorld::kLayer) / "bin" / name), "heroku-integration-service-mesh") << name;
  }
}

TEST_F(CnbBuildTest, WritesTheTypesAndMetadataOfTheLayer) {
  ASSERT_TRUE(build());
  EXPECT_EQ(files_.content(CloudWorld::kMetadata),
            fmt::format("[types]\nlaunch = true\nbuild = false\ncache = true\n\n[metadata]\nschema = \"1\"\n"
                        "buildpack_version = \"1.0.0\"\nproduct = \"integration\"\narch = \"{}\"\nversion = \"v0.1.2\"\n"
                        "requested = \"latest\"\nsource = \"{}\"\nurl = \"{}/download/v0.1.2{}\"\netag = \"\"\n"
                        "sha256 = \"{}\"\ndownloaded_sha256 = \"{}\"\nbytes = \"{}\"\nverified_by = \"none\"\n"
                        "key_fingerprint = \"\"\n",
                        kArch, CloudWorld::kReleases, CloudWorld::kReleases, CloudWorld::kAsset, digest_of(program()),
                        digest_of(CloudWorld::archive()), program().size()));
}

TEST_F(CnbBuildTest, LabelsTheImage) {
  ASSERT_TRUE(build());
  EXPECT_THAT(files_.content("/layers/mesh/launch.toml"),
              AllOf(HasSubstr("com.heroku.service-mesh.product"), HasSubstr("v0.1.2"), HasSubstr(digest_of(program()))));
  for (const char* file : {"service-mesh.sbom.cdx.json", "service-mesh.sbom.spdx.json"}) {
    EXPECT_THAT(files_.content(Path(CloudWorld::kLayers) / file),
                AllOf(HasSubstr(digest_of(program())), HasSubstr("Heroku")));
  }
}

TEST_F(CnbBuildTest, RunsTheCheckBeforeTheWebProcess) {
  ASSERT_TRUE(build());
  EXPECT_THAT(*files_.list(Path(CloudWorld::kLayer) / "exec.d"), ElementsAre("web"));
  const Path check = Path(CloudWorld::kLayer) / "exec.d/web/service-mesh-integration-own-port";
  EXPECT_EQ(files_.content(check), CloudWorld::kRunCheck);
  EXPECT_EQ(files_.mode(check), 0755u);
}

TEST_F(CnbBuildTest, WrapsChosenProcessesAndRunsTheCheckBeforeThem) {
  files_.put_file("/workspace/Procfile", "web: npm start\nother_one: npm run other\n");
  world_.set("HEROKU_SERVICE_MESH_WRAP", "web,other-one");
  ASSERT_TRUE(build());
  EXPECT_THAT(*files_.list(Path(CloudWorld::kLayer) / "exec.d"), ElementsAre("other-one", "web"));
  EXPECT_THAT(files_.content("/layers/mesh/launch.toml"),
              AllOf(HasSubstr("type = \"other-one\"\ncommand = [\"heroku-integration-service-mesh\", \"bash\", \"-c\"]\n"),
                    HasSubstr("type = \"web\"\n")));
  EXPECT_EQ(console_.count("web starts through the mesh: heroku-integration-service-mesh bash -c 'npm start'"), 1);
  EXPECT_EQ(world_.record.text("procfile_web"), "wrapped");
}

TEST_F(CnbBuildTest, RejectsAnInvalidWrapBeforeAnyRequest) {
  world_.set("HEROKU_SERVICE_MESH_WRAP", "all");
  EXPECT_EQ(failure(), "config::invalid-wrap");
  EXPECT_THAT(http_.addresses(), IsEmpty());
  EXPECT_THAT(*files_.list(CloudWorld::kLayers), IsEmpty());
}

TEST_F(CnbBuildTest, InstallsAppLinkByItsSignature) {
  build_applink();
  EXPECT_EQ(files_.content(kAppLinkProgram), program());
  EXPECT_EQ(metadata("verified_by"), "signature");
  EXPECT_EQ(metadata("key_fingerprint"), kKey);
  EXPECT_EQ(metadata("etag"), "\"one\"");
  EXPECT_THAT(*files_.list(Path(CloudWorld::kLayer) / "exec.d/web"), ElementsAre("service-mesh-applink-own-port"));
}

// --- the build after it ----------------------------------------------------------------------------------------------

TEST_F(CnbBuildTest, IsReproducible) {
  ASSERT_TRUE(build());
  const auto first = world_.left();
  world_.next_container();
  world_.publish("v0.1.2", CloudWorld::archive());
  world_.clock.advance(24h);
  ASSERT_TRUE(build());
  EXPECT_EQ(world_.left(), first);
}

TEST_F(CnbBuildTest, IsReproducibleForAppLink) {
  build_applink();
  const auto first = world_.left();
  world_.next_container();
  http_.on(kObject, answer(304));
  ASSERT_TRUE(build());
  EXPECT_EQ(world_.left(), first);
}

TEST_F(CnbBuildTest, SendsNoRequestForACachedPinnedVersion) {
  world_.pin("v0.1.2");
  ASSERT_TRUE(build());
  EXPECT_EQ(world_.record.text("cache_status"), "miss");
  world_.next_container();
  ASSERT_TRUE(build());
  EXPECT_THAT(http_.requests(), IsEmpty());
  EXPECT_EQ(world_.record.text("cache_status"), "hit");
  EXPECT_EQ(files_.content(kIntegrationProgram), program());
  EXPECT_EQ(files_.mode(kIntegrationProgram), 0755u);
  EXPECT_EQ(console_.count("Reusing cached"), 1);
}

TEST_F(CnbBuildTest, SendsOneRequestForTheLatestTag) {
  ASSERT_TRUE(build());
  world_.next_container();
  world_.publish("v0.1.2", CloudWorld::archive());
  ASSERT_TRUE(build());
  EXPECT_THAT(http_.addresses(), ElementsAre(std::string(CloudWorld::kReleases) + "/latest"));
  EXPECT_EQ(world_.record.text("cache_status"), "revalidated");
}

TEST_F(CnbBuildTest, SendsOneRequestToRevalidateTheLatestBinary) {
  build_applink();
  world_.next_container();
  http_.on(kObject, answer(304));
  ASSERT_TRUE(build());
  EXPECT_THAT(http_.addresses(), ElementsAre(kObject));
  EXPECT_THAT(http_.requests().at(0).headers, Contains("If-None-Match: \"one\""));
  EXPECT_EQ(world_.record.text("cache_status"), "revalidated");
}

TEST_F(CnbBuildTest, DownloadsAChangedRelease) {
  build_applink();
  world_.next_container();
  const std::string changed = program() + "more";
  publish_applink(kKey, changed);
  ASSERT_TRUE(build());
  EXPECT_EQ(files_.content(kAppLinkProgram), changed);
  EXPECT_EQ(metadata("sha256"), digest_of(changed));
  EXPECT_EQ(world_.record.text("cache_status"), "miss");
}

TEST_F(CnbBuildTest, FallsBackToTheLayerWhenTheSourceIsUnreachable) {
  ASSERT_TRUE(build());
  const auto first = world_.left();
  world_.next_container();
  http_.on(std::string(CloudWorld::kReleases) + "/latest", failing(ErrorKind::dns));
  ASSERT_TRUE(build());
  EXPECT_EQ(world_.record.text("cache_status"), "stale");
  EXPECT_EQ(world_.left(), first);
  EXPECT_EQ(console_.count("Using the cached fallback instead: v0.1.2"), 1);
}

TEST_F(CnbBuildTest, FailsForAnUnreachableSourceWithoutALayer) {
  http_ = {};
  http_.on(std::string(CloudWorld::kReleases) + "/latest", failing(ErrorKind::dns));
  EXPECT_EQ(failure(), "network::dns");
  EXPECT_THAT(*files_.list(CloudWorld::kLayers), IsEmpty());
}

TEST_F(CnbBuildTest, FailsForAnUnreachableSourceWhenStrict) {
  ASSERT_TRUE(build());
  world_.next_container();
  const auto restored = world_.left();
  world_.set("HEROKU_SERVICE_MESH_STRICT", "1");
  http_.on(std::string(CloudWorld::kReleases) + "/latest", failing(ErrorKind::dns));
  EXPECT_EQ(failure(), "network::dns");
  EXPECT_EQ(world_.left(), restored);
}

TEST_F(CnbBuildTest, ReplacesACorruptBinary) {
  world_.pin("v0.1.2");
  ASSERT_TRUE(build());
  const auto first = world_.left();
  for (const std::string& damaged : {std::string(), std::string("other"), program() + "x"}) {
    world_.next_container();
    world_.publish("v0.1.2", CloudWorld::archive());
    files_.put_file(kIntegrationProgram, damaged);
    ASSERT_TRUE(build());
    EXPECT_EQ(world_.record.text("cache_status"), "corrupt");
    EXPECT_EQ(world_.left(), first);
  }
}

TEST_F(CnbBuildTest, NeverUsesACorruptBinaryAsFallback) {
  ASSERT_TRUE(build());
  world_.next_container();
  files_.put_file(kIntegrationProgram, "other");
  http_.on(std::string(CloudWorld::kReleases) + "/latest", failing(ErrorKind::dns));
  EXPECT_EQ(failure(), "network::dns");
}

TEST_F(CnbBuildTest, DownloadsWhenTheLayerHasOnlyMetadata) {
  world_.pin("v0.1.2");
  ASSERT_TRUE(build());
  const auto first = world_.left();
  world_.next_container();
  world_.publish("v0.1.2", CloudWorld::archive());
  ASSERT_TRUE(files_.remove(CloudWorld::kLayer));
  ASSERT_TRUE(build());
  EXPECT_EQ(world_.record.text("cache_status"), "miss");
  EXPECT_EQ(world_.left(), first);
}

TEST_F(CnbBuildTest, FollowsNoLinkInThePlaceOfTheBinary) {
  world_.pin("v0.1.2");
  ASSERT_TRUE(build());
  world_.next_container();
  world_.publish("v0.1.2", CloudWorld::archive());
  files_.put_file("/elsewhere", program());
  ASSERT_TRUE(files_.remove(kIntegrationProgram));
  files_.put_link(kIntegrationProgram, "/elsewhere");
  ASSERT_TRUE(build());
  EXPECT_EQ(files_.kind(kIntegrationProgram), FileKind::file);
  EXPECT_EQ(world_.record.text("cache_status"), "miss");
}

TEST_F(CnbBuildTest, RemovesFilesOfTheOtherProduct) {
  ASSERT_TRUE(build());
  world_.next_container();
  build_applink();
  EXPECT_EQ(files_.kind(kAppLinkProgram), FileKind::file);
  std::vector<std::string> names = alias_names(Product::applink, "", kArchitecture);
  names.emplace_back("heroku-applink-service-mesh");
  EXPECT_THAT(*files_.list(Path(CloudWorld::kLayer) / "bin"), testing::UnorderedElementsAreArray(names));
  EXPECT_THAT(*files_.list(Path(CloudWorld::kLayer) / "exec.d/web"), ElementsAre("service-mesh-applink-own-port"));
  EXPECT_EQ(metadata("product"), "applink");
}

TEST_F(CnbBuildTest, ReusesALayerOnlyForTheSameRequest) {
  ASSERT_TRUE(build());
  world_.next_container();
  world_.publish("v0.1.2", CloudWorld::archive());
  world_.pin("v0.1.2");
  ASSERT_TRUE(build());
  EXPECT_EQ(world_.record.text("cache_status"), "miss");
  EXPECT_EQ(metadata("requested"), "v0.1.2");
}

TEST_F(CnbBuildTest, ReportsWhetherTheVersionChanged) {
  ASSERT_TRUE(build());
  EXPECT_EQ(world_.record.text("service_mesh_version_previous"), "(absent)");
  world_.next_container();
  world_.publish("v0.1.3", CloudWorld::archive());
  ASSERT_TRUE(build());
  EXPECT_EQ(world_.record.text("service_mesh_version_previous"), "v0.1.2");
  EXPECT_EQ(world_.record.content().facts.at("service_mesh_version_changed"), Value(true));
  EXPECT_EQ(console_.count("The last build had v0.1.2"), 1);
  world_.next_container();
  world_.publish("v0.1.3", CloudWorld::archive());
  ASSERT_TRUE(build());
  EXPECT_EQ(world_.record.content().facts.at("service_mesh_version_changed"), Value(false));
}

// --- metadata of others ----------------------------------------------------------------------------------------------

std::string own_metadata(std::string_view changed_line = "", std::string_view line = "") {
  std::string text = fmt::format(
      "[metadata]\nschema = \"1\"\nproduct = \"integration\"\narch = \"{}\"\nversion = \"v0.1.2\"\nrequested = \"v0.1.2\"\n"
      "source = \"{}\"\nurl = \"https://x/\"\netag = \"\"\nsha256 = \"{}\"\ndownloaded_sha256 = \"{}\"\nbytes = \"{}\"\n"
      "verified_by = \"none\"\nkey_fingerprint = \"\"\n",
      kArch, CloudWorld::kReleases, digest_of(program()), std::string(64, 'a'), program().size());
  if (changed_line.empty()) return text;
  const auto start = text.find("\n" + std::string(changed_line) + " = ") + 1;
  return text.replace(start, text.find('\n', start) - start, line);
}

TEST_F(CnbBuildTest, AcceptsNumbersWithAFraction) {
  world_.pin("v0.1.2");
  ASSERT_TRUE(build());
  const std::string written = files_.content(CloudWorld::kMetadata);
  const auto changed = [&](const std::string& line, const std::string& other) {
    std::string text = written;
    return text.replace(text.find(line), line.size(), other);
  };
  const std::size_t size = program().size();
  for (const std::string& metadata :
       {written, changed(fmt::format("bytes = \"{}\"", size), fmt::format("bytes = {}.0", size)),
        changed("schema = \"1\"", "schema = 1.0"), changed("schema = \"1\"", "schema = 1")}) {
    restored_with(metadata);
    ASSERT_TRUE(build());
    EXPECT_EQ(world_.record.text("cache_status"), "hit") << metadata;
  }
}

TEST_F(CnbBuildTest, InstallsAgainForAnyOtherMetadata) {
  world_.pin("v0.1.2");
  ASSERT_TRUE(build());
  const auto first = world_.left();
  const std::string understood = "The metadata of the mesh's layer are not understood.";
  const std::string incomplete = "The metadata of the mesh's layer are incomplete.";
  const std::string unreadable = "The metadata of the mesh's layer cannot be read.";
  const std::string upstream = "The mesh's layer is that of another buildpack, whose program cannot be checked.";
  const std::string newer = "The mesh's layer is that of another version of this buildpack.";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"[metadata]\netag = \"\\\"abc\\\"\"\n", upstream},
      {"[metadata]\nversion = \"v0.1.2\"\n", upstream},
      {"[metadata]\nother = 1.0\n", understood},
      {own_metadata("schema", "schema = \"2\""), newer},
      {own_metadata("schema", "schema = 1.5"), newer},
      {own_metadata("schema", "schema = \"1x\""), newer},
      {own_metadata("schema", "schema = [1]"), newer},
      {own_metadata("schema", "schema = nan"), newer},
      {own_metadata("schema", "schema = -1"), newer},
      {own_metadata("bytes", "bytes = \"0\""), incomplete},
      {own_metadata("bytes", "bytes = -1.0"), incomplete},
      {own_metadata("bytes", "bytes = inf"), incomplete},
      {own_metadata("bytes", "bytes = 1e300"), incomplete},
      {own_metadata("bytes", "bytes = \"99999999999999999999999\""), incomplete},
      {own_metadata("sha256", "sha256 = true"), incomplete},
      {own_metadata("sha256", "sha256 = \"abc\""), incomplete},
      {own_metadata("downloaded_sha256", "other = \"\""), incomplete},
      {own_metadata("version", "version = \"v1/../../../x\""), incomplete},
      {own_metadata("version", "version = \"v1\\u001b[31m\""), incomplete},
      {own_metadata("etag", "etag = \"x\\r\\nHost: other\""), incomplete},
      {own_metadata("version", "version = \"" + std::string(10'000, 'v') + "\""), incomplete},
      {"\x01\xff garbage", unreadable},
      {"[metadata", unreadable},
      {"# " + std::string(300 * 1024, 'x'), unreadable},
  };
  for (const auto& [metadata, remark] : cases) {
    restored_with(metadata);
    ASSERT_TRUE(build()) << metadata;
    EXPECT_EQ(console_.count(remark + " The mesh is installed again"), 1) << metadata.substr(0, 500);
    EXPECT_EQ(world_.record.text("cache_status"), "miss") << metadata.substr(0, 500);
    EXPECT_EQ(world_.record.text("service_mesh_version_previous"), "(absent)");
    EXPECT_EQ(world_.left(), first) << metadata.substr(0, 500);
  }
}

TEST_F(CnbBuildTest, LogsNothingForEmptyMetadata) {
  ASSERT_TRUE(build());
  for (const char* metadata : {"", "[types]\nlaunch = true\n", "[metadata]\n"}) {
    restored_with(metadata);
    ASSERT_TRUE(build());
    EXPECT_EQ(console_.count("The mesh is installed again"), 0) << metadata;
  }
}

TEST_F(CnbBuildTest, TreatsValuesOfOtherTypesAsMissing) {
  world_.pin("v0.1.2");
  ASSERT_TRUE(build());
  for (const char* key : {"product", "arch", "requested", "source"}) {
    restored_with(own_metadata(key, std::string(key) + " = 7.0"));
    ASSERT_TRUE(build());
    EXPECT_EQ(world_.record.text("cache_status"), "miss") << key;
  }
}

// --- keys --------------------------------------------------------------------------------------------------------------

const std::string kPlace = std::string("applink ") + CloudWorld::kMirror + "/";

TEST_F(CnbBuildTest, RemembersAKeyInTheStore) {
  files_.put_file(CloudWorld::kStore,
                  "other = 1.5\n[metadata]\nkept = \"yes\"\n[metadata.signing_keys]\n\"applink x\" = \"y\"\n");
  build_applink();
  const auto store = cnb::parse_toml(files_.content(CloudWorld::kStore));
  ASSERT_TRUE(store);
  EXPECT_EQ(store->number("other"), 1.5);
  const cnb::TomlTable& metadata = *store->table("metadata");
  EXPECT_EQ(metadata.text("kept"), "yes");
  EXPECT_EQ(metadata.table("signing_keys")->text("applink x"), "y");
  EXPECT_EQ(metadata.table("signing_keys")->text(kPlace), kKey);
  EXPECT_EQ(console_.count("trusted on first use"), 1);
}

TEST_F(CnbBuildTest, FailsWhenTheKeyChanged) {
  build_applink();
  world_.next_container();
  const auto restored = world_.left();
  publish_applink(kOtherKey, program() + "x");
  world_.processes.next(CloudWorld::good_signature(kOtherKey));  // of the second try
  EXPECT_EQ(failure(), "verify::key-changed");
  EXPECT_EQ(world_.left(), restored);
}

TEST_F(CnbBuildTest, RemembersTheKeyWithoutTheLayer) {
  build_applink();
  world_.next_container();
  ASSERT_TRUE(files_.remove(CloudWorld::kLayer));
  ASSERT_TRUE(files_.remove(CloudWorld::kMetadata));
  publish_applink(kOtherKey);
  world_.processes.next(CloudWorld::good_signature(kOtherKey));
  EXPECT_EQ(failure(), "verify::key-changed");
}

TEST_F(CnbBuildTest, IgnoresAnUnusableStore) {
  const std::vector<std::string> stores = {"garbage \x01", "metadata = 3\n", "[metadata]\nsigning_keys = \"x\"\n",
                                           "[metadata.signing_keys]\n\"" + kPlace + "\" = 5\n",
                                           "[metadata.signing_keys]\n\"" + kPlace + "\" = \"no fingerprint\"\n"};
  for (const std::string& store : stores) {
    static_cast<void>(files_.remove(CloudWorld::kLayer));
    static_cast<void>(files_.remove(CloudWorld::kMetadata));
    files_.put_file(CloudWorld::kStore, store);
    http_ = {};
    build_applink();
    EXPECT_EQ(files_.content(kAppLinkProgram), program()) << store;
  }
}

TEST_F(CnbBuildTest, PreservesALargeStore) {
  const std::string huge = "x = \"" + std::string(300 * 1024, 'x') + "\"\n";
  files_.put_file(CloudWorld::kStore, huge);
  cnb::LayerCache cache(files_, CloudWorld::kLayers);
  cache.remember_key("applink x", kKey);
  EXPECT_THAT(files_.content(CloudWorld::kStore), testing::StartsWith(huge));
  EXPECT_EQ(cache.remembered_key("applink x"), kKey);
}

TEST_F(CnbBuildTest, ReplacesAStoreThatTheLifecycleWouldReject) {
  for (const std::string& store : {std::string("not TOML"), std::string(300 * 1024, '[')}) {
    files_.put_file(CloudWorld::kStore, store);
    ASSERT_TRUE(build());
    EXPECT_TRUE(cnb::parse_toml(files_.content(CloudWorld::kStore))) << store.substr(0, 20);
    world_.next_container();
    world_.publish("v0.1.2", CloudWorld::archive());
  }
}

TEST_F(CnbBuildTest, DownloadsAgainWhenBinaryAndDigestWereReplaced) {
  world_.pin("v0.1.2");
  ASSERT_TRUE(build());
  world_.next_container();
  std::string metadata = files_.content(CloudWorld::kMetadata);
  metadata.replace(metadata.find(digest_of(program())), 64, digest_of("another"));
  files_.put_file(CloudWorld::kMetadata, metadata);
  files_.put_file(kIntegrationProgram, "another");
  world_.publish("v0.1.2", CloudWorld::archive());
  ASSERT_TRUE(build());
  EXPECT_EQ(world_.record.text("cache_status"), "miss");
  EXPECT_EQ(files_.content(kIntegrationProgram), program());
  EXPECT_EQ(console_.count("differ from their digest in store.toml. The mesh is installed again"), 1);
}

// --- other apps and machines -------------------------------------------------------------------------------------------

TEST_F(CnbBuildTest, UsesAVendoredBinary) {
  const std::string vendored = "/workspace/" + layout_of(Product::integration).binary.native();
  files_.put_file(vendored, program());
  ASSERT_TRUE(build());
  EXPECT_THAT(http_.requests(), IsEmpty());
  EXPECT_EQ(files_.content(kIntegrationProgram), program());
  EXPECT_EQ(files_.mode(kIntegrationProgram), 0755u);
  EXPECT_EQ(files_.content(vendored), program());
  EXPECT_EQ(metadata("source"), "vendored");
  EXPECT_EQ(metadata("version"), "");
  EXPECT_EQ(world_.record.text("service_mesh_source"), "vendored");
  EXPECT_THAT(files_.content("/layers/mesh/service-mesh.sbom.spdx.json"), Not(HasSubstr("Organization: Heroku")));
  EXPECT_THAT(files_.content("/layers/mesh/launch.toml"), Not(HasSubstr("service-mesh.version")));
}

TEST_F(CnbBuildTest, DoesNotReuseAVendoredBinaryAsARelease) {
  world_.pin("v0.1.2");
  files_.put_file("/workspace/" + layout_of(Product::integration).binary.native(), program());
  ASSERT_TRUE(build());
  ASSERT_TRUE(files_.remove("/workspace/vendor"));
  world_.next_container();
  world_.publish("v0.1.2", CloudWorld::archive());
  ASSERT_TRUE(build());
  EXPECT_EQ(world_.record.text("cache_status"), "miss");
}

Architecture other_architecture() {
  return kArchitecture == Architecture::amd64 ? Architecture::arm64 : Architecture::amd64;
}

// The same for the other machine.
std::string foreign_program() {
  std::string foreign = program();
  foreign[18] = kArchitecture == Architecture::amd64 ? '\xB7' : '\x3E';  // e_machine: EM_AARCH64, EM_X86_64
  return foreign;
}

TEST_F(CnbBuildTest, InstallsForTheTargetArchitecture) {
  world_.want_applink();
  const std::string other(name(other_architecture()));
  world_.inputs.architecture = other;
  const std::string object = fmt::format("{}/heroku-applink-service-mesh-latest-{}", CloudWorld::kMirror, other);
  http_.on(object, answer(200, foreign_program()));
  http_.on(object + ".asc", answer(200, std::string(CloudWorld::kSignaturePacket)));
  http_.on(std::string(CloudWorld::kMirror) + "/public-key.asc", answer(200, "\x99 key"));
  world_.processes.next(CloudWorld::good_signature(kKey));
  ASSERT_TRUE(build());
  EXPECT_EQ(files_.content(kAppLinkProgram), foreign_program());
  EXPECT_EQ(world_.processes.programs().size(), 1u);  // gpgv alone: a program for another machine is not tried
  EXPECT_THAT(*files_.list(CloudWorld::kLayer), ElementsAre("bin"));
  EXPECT_EQ(metadata("arch"), other);
  EXPECT_EQ(world_.record.text("arch"), other);
  EXPECT_THAT(*files_.list(Path(CloudWorld::kLayer) / "bin"), Contains("heroku-applink-service-mesh-latest-" + other));
  EXPECT_THAT(files_.content("/layers/mesh/launch.toml"), HasSubstr('"' + other + '"'));
}

TEST_F(CnbBuildTest, RunsTheSmokeTestOnce) {
  ASSERT_TRUE(build());
  ASSERT_EQ(world_.processes.programs().size(), 1u);
  world_.next_container();
  world_.publish("v0.1.2", CloudWorld::archive());
  ASSERT_TRUE(build());
  EXPECT_EQ(world_.processes.programs().size(), 1u);
}

TEST_F(CnbBuildTest, RejectsABinaryForAnotherArchitecture) {
  world_.want_applink();
  publish_applink(kKey, foreign_program());
  EXPECT_EQ(failure(), "binary::wrong-architecture");
  EXPECT_THAT(*files_.list(CloudWorld::kLayers), Not(Contains("service-mesh")));
}

TEST_F(CnbBuildTest, RejectsAnUnsupportedTarget) {
  for (const auto& [system, architecture] : {std::pair("linux", "riscv64"), std::pair("windows", "amd64")}) {
    world_.inputs.system = system;
    world_.inputs.architecture = architecture;
    EXPECT_EQ(failure(), "platform::unsupported-target");
    EXPECT_EQ(world_.record.text("arch"), architecture);
  }
  EXPECT_THAT(http_.requests(), IsEmpty());
}

// --- the record ----------------------------------------------------------------------------------------------------------

// Returns the facts of a Cedar build of the same app.
Mapping facts_of_cedar(CloudWorld& world) {
  BuildContext context = world.context();
  context.environment = Environment(std::map<std::string, std::string>{{"STACK", "heroku-24"}});
  world.files.put_directory("/cache");
  EXPECT_TRUE(cedar::compile({"/workspace", "/cache", "/platform/env"}, context, world.world()).result);
  Mapping facts = RecordStore(world.files, "/cache", "/tmp", {.directory = "/workspace"}).load()->facts;
  EXPECT_EQ(facts.erase("generation"), 1u);
  return facts;
}

Mapping facts_of(CloudWorld& world) {
  EXPECT_TRUE(world.build());
  Mapping facts = world.record.content().facts;
  EXPECT_EQ(facts.erase("generation"), 1u);
  return facts;
}

TEST(CnbBuildRecord, HasTheFactsOfAClassicBuild) {
  CloudWorld cloud;
  CloudWorld classic;
  for (int number = 1; number <= 2; ++number) {
    EXPECT_EQ(facts_of(cloud), facts_of_cedar(classic)) << "build " << number;
    ASSERT_TRUE(classic.files.remove("/workspace/vendor"));
    ASSERT_TRUE(classic.files.remove("/workspace/.profile.d"));
  }
}

TEST(CnbBuildRecord, HasTheFactsOfAClassicBuildOfAppLink) {
  CloudWorld cloud;
  CloudWorld classic;
  for (CloudWorld* world : {&cloud, &classic}) {
    world->want_applink();
    world->publish_applink(program(), "\"one\"");
    world->processes.next(CloudWorld::good_signature(kKey));
  }
  EXPECT_EQ(facts_of(cloud), facts_of_cedar(classic));
}

TEST(CnbBuildRecord, HasTheFactsOfAClassicBuildOfAVendoredProgram) {
  CloudWorld cloud;
  CloudWorld classic;
  for (CloudWorld* world : {&cloud, &classic}) {
    world->files.put_file("/workspace/" + layout_of(Product::integration).binary.native(), program());
  }
  EXPECT_EQ(facts_of(cloud), facts_of_cedar(classic));
}

TEST_F(CnbBuildTest, KeepsTheLayerWhenMistakesFailAStrictBuild) {
  ASSERT_TRUE(build());
  world_.next_container();
  world_.publish("v0.1.3", CloudWorld::archive());
  const auto restored = world_.left();
  files_.put_file("/workspace/Procfile", "web: APP_PORT=3000 heroku-integration-service-mesh -- npm start\n");
  world_.set("HEROKU_SERVICE_MESH_STRICT", "1");
  EXPECT_EQ(failure(), "procfile::strict");
  EXPECT_EQ(failed_step(), "procfile");
  EXPECT_EQ(world_.record.text("procfile_findings"), "dashdash-on-integration");
  EXPECT_EQ(console_.count("dashdash-on-integration"), 1);
  EXPECT_EQ(console_.count("Done!"), 0);
  EXPECT_EQ(world_.left(), restored);
}

// --- the processes of the image ------------------------------------------------------------------------------------------

class CnbImageTest : public CnbBuildTest {
 protected:
  CnbImageTest() { world_.set("HEROKU_SERVICE_MESH_STRICT", "1"); }

  void procfile(const std::string& text) { files_.put_file("/workspace/Procfile", text); }

  // The buildpacks of the build, this one as "mesh".
  void group(const std::vector<std::string>& ids) {
    std::string text;
    for (const std::string& id : ids) text += "[[group]]\nid = \"" + id + "\"\nversion = \"1.0.0\"\n";
    files_.put_file("/layers/group.toml", text);
  }

  // Writes the launch.toml of an earlier buildpack.
  void declare(const std::string& directory, const std::string& launch) {
    files_.put_file("/layers/" + directory + "/launch.toml", launch);
  }

  // heroku/procfile ran earlier.
  void declare_procfile(const std::string& web) {
    procfile("web: " + web + "\n");
    declare("heroku_procfile", "[[processes]]\ntype = \"web\"\ncommand = [\"bash\", \"-c\"]\nargs = ['" + web + "']\n");
  }

  // "success" or the reason of the failure, the verdict, then the ids of the mistakes.
  std::string outcome() {
    const auto result = build();
    const std::string reason = result ? "success" : std::string(entry(result.failure().reason).id);
    const std::string findings = world_.record.text("procfile_findings");
    return reason + ", " + world_.record.text("procfile_web") + (findings == "(absent)" ? "" : ", " + findings);
  }

  std::string launch_toml() { return files_.content("/layers/mesh/launch.toml"); }
};

TEST_F(CnbImageTest, JudgesTheProcfileIfItsBuildpackFollows) {
  group({"heroku/python", "mesh", "heroku/procfile"});
  declare("heroku_python", "[[processes]]\ntype = \"web\"\ncommand = [\"python3\", \"app.py\"]\n");
  EXPECT_EQ(outcome(), "success, wrapped");
  procfile("web: npm start\n");
  EXPECT_EQ(outcome(), "procfile::strict, unwrapped, mesh-not-used");
}

TEST_F(CnbImageTest, ReportsTheOrderIfTheProcfileReplacesAWrappedProcess) {
  procfile("web: npm start\n");
  world_.set("HEROKU_SERVICE_MESH_WRAP", "web");
  group({"mesh", "heroku/procfile"});
  EXPECT_EQ(outcome(), "procfile::strict, unwrapped, buildpack-order");
  EXPECT_EQ(console_.count("starts through the mesh:"), 0);
  EXPECT_EQ(console_.count("Found: web:"), 0);
  EXPECT_EQ(console_.count("heroku/procfile runs after this buildpack"), 1);
}

TEST_F(CnbImageTest, WrapsATypeThatTheFollowingProcfileDoesNotDeclare) {
  procfile("worker: npm run worker\n");
  declare("heroku_nodejs", "[[processes]]\ntype = \"web\"\ncommand = [\"npm\", \"start\"]\n");
  world_.set("HEROKU_SERVICE_MESH_WRAP", "web");
  group({"heroku/nodejs", "mesh", "heroku/procfile"});
  EXPECT_EQ(outcome(), "success, wrapped");
  EXPECT_THAT(launch_toml(), HasSubstr("command = [\"heroku-integration-service-mesh\", \"npm\", \"start\"]"));
}

TEST_F(CnbImageTest, CannotTellIfAnotherBuildpackFollows) {
  declare_procfile("npm start");
  world_.set("HEROKU_SERVICE_MESH_WRAP", "web");
  group({"heroku/procfile", "mesh", "acme/sidecar"});
  EXPECT_EQ(outcome(), "success, unknown");
  EXPECT_EQ(console_.count("later-buildpack (note)"), 1);
  EXPECT_EQ(console_.count("acme/sidecar runs after this buildpack"), 1);
  EXPECT_EQ(console_.count("web starts through the mesh"), 0);
  EXPECT_EQ(console_.count("Found: web:"), 0);
}

TEST_F(CnbImageTest, CannotTellIfABuildpackFollowsTheProcfilesBuildpack) {
  group({"mesh", "heroku/procfile", "acme/sidecar"});
  EXPECT_EQ(outcome(), "success, unknown");
  group({"mesh", "acme/sidecar", "heroku/procfile"});
  EXPECT_EQ(outcome(), "success, wrapped");
}

TEST_F(CnbImageTest, CountsAProcessThatAnotherBuildpackStartsThroughTheMesh) {
  procfile("web: npm start\n");
  declare("acme_wrapper",
          "[[processes]]\ntype = \"web\"\n"
          "command = [\"/layers/acme_wrapper/mesh/bin/heroku-integration-service-mesh\", \"npm\", \"start\"]\n");
  group({"heroku/procfile", "acme/wrapper", "mesh"});
  EXPECT_EQ(outcome(), "success, wrapped");
}

TEST_F(CnbImageTest, JudgesAProcessThatReplacedTheProcfiles) {
  declare("acme_other", "[[processes]]\ntype = \"web\"\ncommand = [\"npm\", \"start\"]\n");
  group({"heroku/procfile", "acme/other", "mesh"});
  EXPECT_EQ(outcome(), "procfile::strict, unwrapped, mesh-not-used");
  EXPECT_EQ(console_.count("Procfile:1"), 0);
  EXPECT_EQ(console_.count("mesh-not-used (error), process type web"), 1);
  EXPECT_EQ(console_.count("HEROKU_SERVICE_MESH_WRAP=web"), 1);
}

TEST_F(CnbImageTest, FindsTheLinesOfAProcfileWithAnyNewlines) {
  const std::string other = "[[processes]]\ntype = \"web\"\ncommand = [\"heroku-integration-service-mesh\", \"npm\"]\n";
  for (const char* text : {"worker: a\rweb: b\r", "worker: a\r\nweb: b\r\n", "worker: a\n\nweb: b", "web: b\rworker: a"}) {
    procfile(text);
    declare("acme_other", other);
    static_cast<void>(build());
    EXPECT_EQ(world_.record.text("procfile_web"), "wrapped") << text;
  }
}

// heroku/procfile (src/procfile.rs, parse_permissive_key_fixed) writes names in lower case; the last of a type counts.
TEST_F(CnbImageTest, TreatsCapitalizedWebAsWeb) {
  const std::string mesh = "APP_PORT=3000 heroku-integration-service-mesh npm start";
  group({"heroku/procfile", "mesh"});
  procfile("worker: a\nWeb: " + mesh + "\n");
  declare("heroku_procfile", "[[processes]]\ntype = \"web\"\ncommand = [\"bash\", \"-c\"]\nargs = [\"" + mesh + "\"]\n");
  EXPECT_EQ(outcome(), "success, wrapped");
  EXPECT_EQ(console_.count("name-case (note), Procfile:2"), 1);
  procfile("web: npm start\nWEB: " + mesh + "\n");
  EXPECT_EQ(outcome(), "procfile::strict, wrapped, duplicate-key");
  procfile("Web: npm start\n");
  declare("heroku_procfile", "[[processes]]\ntype = \"web\"\ncommand = [\"bash\", \"-c\"]\nargs = [\"npm start\"]\n");
  EXPECT_EQ(outcome(), "procfile::strict, unwrapped, mesh-not-used");
}

TEST_F(CnbImageTest, ReportsAProcfileThatNoBuildpackReads) {
  group({"heroku/python", "mesh"});
  EXPECT_EQ(outcome(), "procfile::strict, missing, procfile-unused");
  declare("heroku_python", "not TOML");  // then nobody knows
  EXPECT_EQ(outcome(), "success, wrapped");
}

TEST_F(CnbImageTest, DoesNotKnowConfigVarsOfTheRunningApp) {
  ASSERT_TRUE(files_.remove("/platform/env/HEROKU_INTEGRATION_TOKEN"));
  declare_procfile("node server.js");
  world_.set("HEROKU_SERVICE_MESH_WRAP", "web");
  group({"heroku/procfile", "mesh"});
  EXPECT_EQ(outcome(), "success, wrapped");
  for (const char* id : {"app-port-unset", "addon-vars-missing", "Procfile:1", " (note)"}) {
    EXPECT_EQ(console_.count(id), 0) << id;
  }
}

TEST_F(CnbImageTest, DoesNotTreatBuildVariablesAsConfigVars) {
  world_.set("APP_PORT", "9999");
  world_.set("GO_LOG", "debug");
  world_.set("HEROKU_INTEGRATION_SERVICE_MESH_BYPASS_ALL_ROUTES", "true");
  declare_procfile("heroku-integration-service-mesh gunicorn -b 0.0.0.0:5000 app:app");
  group({"heroku/procfile", "mesh"});
  EXPECT_EQ(outcome(), "success, wrapped");
  EXPECT_EQ(console_.count("9999"), 0);
}

TEST_F(CnbImageTest, NeverQuotesALineThatTheProcfileDoesNotHave) {
  declare_procfile("gunicorn app:app -b 0.0.0.0:$PORT");
  world_.set("HEROKU_SERVICE_MESH_WRAP", "web");
  group({"heroku/procfile", "mesh"});
  EXPECT_EQ(outcome(), "procfile::strict, wrapped, same-port");
  EXPECT_EQ(console_.count("same-port (error), process type web"), 1);
  EXPECT_EQ(console_.count("web: heroku-integration-service-mesh"), 1);  // "Found: ..."
}

TEST_F(CnbImageTest, DeclaresAnUndeclaredWrappedTypeThatCallsTheMesh) {
  procfile("web: APP_PORT=3000 heroku-integration-service-mesh npm start\n");
  world_.set("HEROKU_SERVICE_MESH_WRAP", "web");
  group({"heroku/nodejs", "mesh"});
  EXPECT_EQ(outcome(), "success, wrapped");
  EXPECT_THAT(launch_toml(),
              HasSubstr("type = \"web\"\ncommand = [\"bash\", \"-c\"]\n"
                        "args = [\"APP_PORT=3000 heroku-integration-service-mesh npm start\"]\ndefault = true\n"));
}

TEST_F(CnbImageTest, KeepsAShellCommandWithArguments) {
  procfile("web: heroku-integration-service-mesh npm start\n");
  declare("acme_old", "[[processes]]\ntype = \"web\"\ncommand = \"node\"\nargs = [\"server.js\", \"$PORT\"]\n");
  world_.set("HEROKU_SERVICE_MESH_WRAP", "web");
  group({"heroku/procfile", "acme/old", "mesh"});
  EXPECT_EQ(outcome(), "procfile::strict, unwrapped, mesh-not-used");
  EXPECT_EQ(console_.count("HEROKU_SERVICE_MESH_WRAP cannot wrap the process type \"web\""), 1);
  EXPECT_EQ(console_.count("HEROKU_SERVICE_MESH_WRAP=web"), 0);
  world_.set("HEROKU_SERVICE_MESH_STRICT", "0");
  EXPECT_EQ(outcome(), "success, unwrapped, mesh-not-used");
  EXPECT_THAT(launch_toml(), Not(HasSubstr("[[processes]]")));
}

TEST_F(CnbImageTest, AdvisesAgainstWrappingAWorker) {
  procfile("web: APP_PORT=3000 node server.js\nworker: node worker.js\n");
  world_.set("HEROKU_SERVICE_MESH_WRAP", "web,worker");
  EXPECT_EQ(outcome(), "procfile::strict, wrapped, mesh-on-non-web");
  EXPECT_EQ(console_.count("mesh-on-non-web (warning), config var HEROKU_SERVICE_MESH_WRAP"), 1);
  EXPECT_EQ(console_.count("Write instead:\n  HEROKU_SERVICE_MESH_WRAP=web"), 1);
  EXPECT_EQ(console_.count("Procfile:2"), 0);
}

TEST_F(CnbBuildTest, FailsWhenTheWorkingDirectoryIsMissing) {
  world_.inputs.app = "/nowhere";
  EXPECT_EQ(failure(), "platform::build-directory");
  EXPECT_EQ(failed_step(), "settings");
}

TEST_F(CnbBuildTest, ReportsAStoppedBuildAsInterrupted) {
  ASSERT_TRUE(build());
  world_.next_container();
  const auto restored = world_.left();
  ScriptedAnswer last = redirect_to(std::string(CloudWorld::kReleases) + "/tag/v0.1.3");
  last.before = [this] { world_.stopped = true; };
  http_.on(std::string(CloudWorld::kReleases) + "/latest", last);
  ASSERT_FALSE(build());
  EXPECT_EQ(world_.record.content().status, BuildStatus::interrupted);
  EXPECT_EQ(world_.left(), restored);
}

TEST_F(CnbBuildTest, RecordsAnInternalError) {
  World outside = world_.world();
  outside.connect = [](const CurlHttpSettings&) -> std::unique_ptr<Http> { throw std::runtime_error("a defect"); };
  ASSERT_FALSE(cnb::build(world_.inputs, CloudWorld::kRunCheck, world_.context(), outside, world_.record).result);
  EXPECT_EQ(world_.record.content().failure.value().reason, "internal-error::unhandled");
  EXPECT_EQ(failed_step(), "settings");
}

TEST_F(CnbBuildTest, HidesSecretsOfAMirror) {
  world_.want_applink();
  world_.set("HEROKU_APPLINK_SERVICE_MESH_BASE_URL", "https://user:hunter2@mirror.example");
  const std::string object = "https://user:hunter2@mirror.example/heroku-applink-service-mesh-latest-" + kArch;
  http_.on(object, answer(200, program()));
  http_.on(object + ".asc", answer(200, std::string(CloudWorld::kSignaturePacket)));
  http_.on("https://user:hunter2@mirror.example/public-key.asc", answer(200, "\x99 key"));
  world_.processes.next(CloudWorld::good_signature(kKey));
  ASSERT_TRUE(build());
  EXPECT_EQ(console_.count("hunter2"), 0);
  for (const auto& [path, content] : world_.left()) EXPECT_THAT(content, Not(HasSubstr("hunter2"))) << path;
  for (const auto& [key, value] : world_.record.content().facts) {
    const auto* text = std::get_if<std::string>(&value);
    if (text != nullptr) {
      EXPECT_THAT(*text, Not(HasSubstr("hunter2"))) << key;
    }
  }
}

}  // namespace
}  // namespace mesh::buildpack
