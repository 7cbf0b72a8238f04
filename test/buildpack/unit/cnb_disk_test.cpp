#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "buildpack/cnb/layer.h"
#include "buildpack/install/layout.h"
#include "support/cpp/cloud_world.h"
#include "support/cpp/digests.h"

namespace mesh::buildpack {
namespace {

using testing::HasSubstr;

const std::string kKey(40, 'A');
const std::string kIntegrationProgram = std::string(CloudWorld::kLayer) + "/bin/heroku-integration-service-mesh";

// Whether the layer has metadata, and whether they describe its program correctly.
enum class Claim { none, kept, broken };

Claim claim_of(CloudWorld& world) {
  if (world.files.kind(CloudWorld::kMetadata) == FileKind::missing) return Claim::none;
  const auto earlier = cnb::parse_layer(world.files.content(CloudWorld::kMetadata));
  if (!earlier.binary || world.files.kind(kIntegrationProgram) != FileKind::file) return Claim::broken;
  const bool is_it = digest_of(world.files.content(kIntegrationProgram)) == earlier.binary->sha256.hex();
  const auto aliases = alias_names(Product::integration, earlier.binary->version, kArchitecture);
  const bool has_aliases = std::ranges::all_of(aliases, [&](const std::string& name) {
    return world.files.kind(Path(CloudWorld::kLayer) / "bin" / name) == FileKind::link;
  });
  return is_it && has_aliases && world.files.is_executable(kIntegrationProgram) ? Claim::kept : Claim::broken;
}

// Afterwards: no metadata that claim what is not so, no staging directory, and all of it where the build succeeded.
void expect_order(CloudWorld& world, const Result<void>& result, const std::string& call) {
  EXPECT_NE(claim_of(world), Claim::broken) << call;
  if (result) {
    EXPECT_EQ(claim_of(world), Claim::kept) << call;
  }
  if (call.starts_with("remove ")) return;  // that of the staging directory itself
  const auto names = world.files.list(CloudWorld::kLayers);
  for (const std::string& name : *names) EXPECT_FALSE(name.starts_with(".")) << call;
}

TEST(CnbBuildOnABadDisk, DeclaresOnlyACompleteLayerWhenAnyCallFails) {
  for (int number = 0;; ++number) {
    CloudWorld world;
    world.files.fail_call(world.files.calls() + number, ErrorKind::io);
    const auto result = world.build();
    const std::string call = world.files.failed_call();
    if (call.empty()) {
      EXPECT_GT(number, 30);
      break;
    }
    expect_order(world, result, call);
    const bool has_claim = claim_of(world) != Claim::none;
    EXPECT_EQ(has_claim, static_cast<bool>(result)) << call;
    EXPECT_EQ(world.record.content().status, result ? BuildStatus::success : BuildStatus::failure) << call;
  }
}

TEST(CnbBuildOnABadDisk, KeepsThePreviousLayerOrDeclaresNoneWhenAnyCallFails) {
  int kept = 0;
  int none = 0;
  int calls_before = 0;
  for (int number = 0;; ++number) {
    CloudWorld world;
    ASSERT_TRUE(world.build());
    world.next_container();
    world.publish("v0.1.3", release_archive(program() + "new"));
    const auto restored = world.left();
    calls_before = world.files.calls();
    world.files.fail_call(calls_before + number, ErrorKind::no_space);
    const auto result = world.build();
    const std::string call = world.files.failed_call();
    if (call.empty()) break;
    expect_order(world, result, call);
    if (result) continue;
    const bool claims = claim_of(world) != Claim::none;
    (claims ? kept : none) += 1;
    if (claims && !call.starts_with("remove ")) {
      EXPECT_EQ(world.left(), restored) << call;
    }
  }
  EXPECT_GT(kept, 10);
  EXPECT_GT(none, 3);
}

TEST(CnbBuildOnABadDisk, ReusesTheLayerOrReportsWhyNotWhenAnyCallFails) {
  for (int number = 0;; ++number) {
    CloudWorld world;
    world.pin("v0.1.2");
    ASSERT_TRUE(world.build());
    world.next_container();
    world.publish("v0.1.2", CloudWorld::archive());
    world.files.fail_call(world.files.calls() + number, ErrorKind::io);
    const auto result = world.build();
    const std::string call = world.files.failed_call();
    if (call.empty()) break;
    expect_order(world, result, call);
    if (result) {
      EXPECT_EQ(world.files.content(kIntegrationProgram), program()) << call;
    }
  }
}

TEST(CnbBuildOnABadDisk, LosesNoRememberedKeyWhenAnyCallFails) {
  for (int number = 0;; ++number) {
    CloudWorld world;
    world.files.put_file(CloudWorld::kStore, "[metadata.signing_keys]\n\"applink x\" = \"" + kKey + "\"\n");
    world.want_applink();
    world.publish_applink(program());
    world.processes.next(CloudWorld::good_signature(kKey));
    world.processes.next(CloudWorld::good_signature(kKey));
    world.files.fail_call(world.files.calls() + number, ErrorKind::io);
    static_cast<void>(world.build());
    if (world.files.failed_call().empty()) break;
    EXPECT_THAT(world.files.content(CloudWorld::kStore), HasSubstr("\"applink x\" = \"" + kKey))
        << world.files.failed_call();
  }
}

}  // namespace
}  // namespace mesh::buildpack
