#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "buildpack/cnb/detect.h"
#include "support/cpp/cloud_world.h"

namespace mesh::buildpack::cnb {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Environment environment(std::map<std::string, std::string> variables) { return Environment(std::move(variables)); }

const Environment kNamed = environment({{"CNB_PLATFORM_DIR", "/platform"}, {"CNB_BUILD_PLAN_PATH", "/plan"}});

class GenerationTest : public testing::Test {
 protected:
  GenerationTest() {
    files_.put_directory("/directory");
    files_.put_file("/plan", "");
    files_.put_link("/link", "/directory");
  }

  bool is_cloud_native(const std::vector<const char*>& arguments, const Environment& environment) {
    return is_cloud_native_detect(arguments, environment, files_);
  }

  MemoryFiles files_;
};

TEST_F(GenerationTest, IsClassicForOneDirectoryInAnyEnvironment) {
  EXPECT_FALSE(is_cloud_native({"/directory"}, Environment()));
  EXPECT_FALSE(is_cloud_native({"/directory"}, kNamed));
  EXPECT_FALSE(is_cloud_native({""}, kNamed));
}

TEST_F(GenerationTest, IsCloudNativeForAPlatformAndAPlan) {
  for (const char* plan : {"/plan", "/not-made-yet"}) {
    EXPECT_TRUE(is_cloud_native({"/directory", plan}, Environment())) << plan;
    EXPECT_TRUE(is_cloud_native({"/directory", plan}, kNamed)) << plan;
  }
}

TEST_F(GenerationTest, IsClassicForTwoDirectoriesAndMore) {
  for (const char* second : {"/directory", "/link"}) {
    EXPECT_FALSE(is_cloud_native({"/directory", second}, Environment())) << second;
    EXPECT_FALSE(is_cloud_native({"/directory", second}, kNamed)) << second;
  }
  EXPECT_FALSE(is_cloud_native({"/directory", "/directory", "/directory"}, kNamed));
}

TEST_F(GenerationTest, DependsOnTheEnvironmentWithoutArguments) {
  EXPECT_TRUE(is_cloud_native({}, kNamed));
  EXPECT_FALSE(is_cloud_native({}, Environment()));
  EXPECT_FALSE(is_cloud_native({}, environment({{"CNB_TARGET_ARCH", "amd64"}})));
}

using Arguments = std::vector<const char*>;

TEST(CnbInputs, PreferTheEnvironmentToArguments) {
  const auto named = build_inputs(Arguments{"/a", "/b", "/c"}, "/app",
                                  environment({{"CNB_LAYERS_DIR", "/layers"}, {"CNB_PLATFORM_DIR", "/platform"}}));
  ASSERT_TRUE(named);
  EXPECT_EQ(named->layers, "/layers");
  EXPECT_EQ(named->platform, "/platform");
  EXPECT_EQ(named->env(), "/platform/env");
  EXPECT_EQ(named->app, "/app");
  const auto passed = build_inputs(Arguments{"/a", "/b", "/c"}, "/app", Environment());
  ASSERT_TRUE(passed);
  EXPECT_EQ(passed->layers, "/a");
  EXPECT_EQ(passed->platform, "/b");
}

TEST(CnbInputs, FailWhenADirectoryIsNotNamed) {
  for (const Arguments& arguments :
       {Arguments{}, Arguments{"/layers"}, Arguments{"", "/platform"}, Arguments{"/layers", ""}}) {
    EXPECT_EQ(build_inputs(arguments, "/app", Environment()).failure().reason, Reason::platform_bad_arguments);
  }
  EXPECT_EQ(detect_inputs(Arguments{"", ""}, "/app", Environment()).failure().reason, Reason::platform_bad_arguments);
}

TEST(CnbInputs, DescribeTheTarget) {
  const auto of = [](std::map<std::string, std::string> variables) {
    variables.emplace("CNB_PLATFORM_DIR", "/platform");
    return *detect_inputs(Arguments{}, "/app", environment(std::move(variables)));
  };
  EXPECT_EQ(of({}).architecture, name(kArchitecture));
  EXPECT_TRUE(of({}).is_supported());
  EXPECT_EQ(of({}).stack, "");
  EXPECT_TRUE(of({{"CNB_TARGET_OS", "linux"}, {"CNB_TARGET_ARCH", "arm64"}}).is_supported());
  EXPECT_FALSE(of({{"CNB_TARGET_OS", "linux"}, {"CNB_TARGET_ARCH", "riscv64"}}).is_supported());
  EXPECT_FALSE(of({{"CNB_TARGET_OS", "windows"}, {"CNB_TARGET_ARCH", "amd64"}}).is_supported());
  EXPECT_EQ(of({{"CNB_STACK_ID", "heroku-24"}}).stack, "heroku-24");
  EXPECT_EQ(of({{"CNB_TARGET_DISTRO_NAME", "ubuntu"}}).stack, "ubuntu");
  EXPECT_EQ(of({{"CNB_TARGET_DISTRO_NAME", "ubuntu"}, {"CNB_TARGET_DISTRO_VERSION", "24.04"}, {"CNB_STACK_ID", "x"}}).stack,
            "ubuntu-24.04");
}

TEST(CnbEnvironment, IsOverriddenByThePlatformDirectory) {
  MemoryFiles files;
  files.put_file("/env/SSL_CERT_FILE", "/cnb/ca.pem\n");
  files.put_file("/env/CURL_TIMEOUT", " \n");
  files.put_file("/env/CURL_CONNECT_TIMEOUT", std::string(9'000, '1'));
  files.put_file("/env/PATH", "/hostile");
  files.put_file("/env/CNB_TARGET_ARCH", "other");
  const Environment given = environment({{"CURL_TIMEOUT", "5"}, {"SSL_CERT_FILE", "/other"}, {"PATH", "/usr/bin"}});
  const auto with = [&](const Path& directory) { return with_platform(given, ConfigVars(directory, given, files)); };
  const Environment seen = with("/env");
  EXPECT_EQ(seen.get("SSL_CERT_FILE"), "/cnb/ca.pem");
  EXPECT_EQ(seen.get("CURL_TIMEOUT"), "5");
  EXPECT_EQ(seen.get("CURL_CONNECT_TIMEOUT"), std::nullopt);
  EXPECT_EQ(seen.get("PATH"), "/usr/bin");
  EXPECT_EQ(seen.get("CNB_TARGET_ARCH"), std::nullopt);
  EXPECT_EQ(with("/nowhere").get("SSL_CERT_FILE"), "/other");
}

class CnbDetectTest : public testing::Test {
 protected:
  Result<Detection> detect() { return cnb::detect(world_.inputs, world_.context(), world_.world(), world_.record); }

  CloudWorld world_;
};

TEST_F(CnbDetectTest, AppliesToEveryAppAndPrintsItsName) {
  for (const char* app : {"/workspace", "/empty"}) {
    world_.files.put_directory("/empty");
    world_.console = {};
    world_.inputs.app = app;
    EXPECT_EQ(*detect(), Detection::applies);
    EXPECT_THAT(world_.console.entries(), ElementsAre("plain: Heroku Integration Service Mesh"));
    EXPECT_EQ(world_.record.content().status, BuildStatus::success);
  }
  EXPECT_EQ(world_.record.text("generation"), "fir");
  EXPECT_EQ(world_.record.text("stack"), "heroku-24");
}

TEST_F(CnbDetectTest, DeclinesAnUnsupportedTarget) {
  world_.inputs.architecture = "riscv64";
  EXPECT_EQ(*detect(), Detection::does_not_apply);
  EXPECT_THAT(world_.console.entries(), ElementsAre("detail: The service mesh is not released for linux on riscv64."));
  EXPECT_EQ(world_.record.content().status, BuildStatus::declined);
  EXPECT_EQ(world_.record.text("arch"), "riscv64");
}

TEST_F(CnbDetectTest, FailsWithoutAnApp) {
  for (const char* app : {"/nowhere", "/workspace/Procfile"}) {
    world_.inputs.app = app;
    EXPECT_EQ(detect().failure().reason, Reason::platform_build_directory);
    EXPECT_EQ(world_.record.content().status, BuildStatus::failure);
  }
  EXPECT_THAT(world_.console.entries(), IsEmpty());
}

}  // namespace
}  // namespace mesh::buildpack::cnb
