#include "buildpack/release/release_json.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "buildpack/base/architecture.h"
#include "buildpack/release/github_source.h"

namespace mesh::buildpack {
namespace {

using testing::HasSubstr;

constexpr const char* kDigest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

std::string asset(std::string_view name, std::string_view more = "") {
  return fmt::format(R"({{"name":"{0}","browser_download_url":"https://host/{0}"{1}}})", name, more);
}

std::string release(std::string_view assets, std::string_view tag = "v1.2") {
  return fmt::format(R"({{"tag_name":"{}","body":"notes\nwith \"lines\" and \u0000","assets":[{}]}})", tag, assets);
}

const std::string kUsual = asset(kArchiveName);

Result<Artifact> choose(std::string_view json) {
  return choose_asset(json, kArchitecture, *Url::parse("https://api.host/releases/latest"));
}

// Returns the URL of the chosen asset, or the failure's id.
std::string chosen(std::string_view json) {
  const auto artifact = choose(json);
  return artifact ? artifact->url.text() : std::string(entry(artifact.failure().reason).id);
}

std::string for_this_machine() { return fmt::format("mesh-linux-{}.tar.gz", name(kArchitecture)); }

TEST(ChooseAsset, ChoosesTheArchiveWithTheUsualName) {
  const auto artifact = choose(release(asset("other.tar.gz") + "," + kUsual));
  ASSERT_TRUE(artifact);
  EXPECT_EQ(artifact->tag, "v1.2");
  EXPECT_EQ(artifact->url.text(), "https://host/heroku-integration-service-mesh.tar.gz");
  EXPECT_FALSE(artifact->digest);
}

TEST(ChooseAsset, ChoosesTheOnlyArchiveOfThisArchitecture) {
  EXPECT_EQ(chosen(release(asset("mesh-linux-amd64.tar.gz") + "," + asset("mesh-linux-arm64.tar.gz"))),
            "https://host/" + for_this_machine());
  EXPECT_EQ(chosen(release(asset("mesh_x86_64.tgz") + "," + asset("mesh_aarch64.tgz"))),
            kArchitecture == Architecture::amd64 ? "https://host/mesh_x86_64.tgz" : "https://host/mesh_aarch64.tgz");
}

TEST(ChooseAsset, MatchesArchitecturesInAnyCase) {
  EXPECT_EQ(chosen(release(asset("Mesh_Linux_X86_64.tar.gz") + "," + asset("Mesh_Linux_ARM64.tar.gz"))),
            kArchitecture == Architecture::amd64 ? "https://host/Mesh_Linux_X86_64.tar.gz"
                                                 : "https://host/Mesh_Linux_ARM64.tar.gz");
}

TEST(ChooseAsset, FailsWhenNoNameMatches) {
  for (const std::string& assets :
       {std::string(), asset("mesh.tar.gz"), asset(fmt::format("mesh-{}.zip", name(kArchitecture))),
        asset(fmt::format("mesh-darwin-{}.tar.gz", name(kArchitecture))), asset("mesh-amd64-and-arm64.tar.gz"),
        asset(for_this_machine() + ".sig")}) {
    EXPECT_EQ(chosen(release(assets)), "resolve::no-asset") << assets;
  }
}

TEST(ChooseAsset, FailsWhenSeveralArchivesMatch) {
  const std::string both = asset(for_this_machine()) + "," + asset("x-" + for_this_machine());
  EXPECT_EQ(chosen(release(both)), "resolve::ambiguous-asset");
  EXPECT_THAT(choose(release(both)).failure().detail, HasSubstr(for_this_machine() + ", x-" + for_this_machine()));
}

TEST(ChooseAsset, ListsTheAssetsInTheDetail) {
  EXPECT_THAT(choose(release(asset("a.zip") + "," + asset("b.zip"))).failure().detail, HasSubstr("a.zip, b.zip"));
  EXPECT_THAT(choose(release("")).failure().detail, HasSubstr("no uploaded file"));
}

TEST(ChooseAsset, IgnoresUnfinishedUploads) {
  EXPECT_EQ(chosen(release(asset(kArchiveName, R"(,"state":"starter")"))), "resolve::no-asset");
  EXPECT_EQ(chosen(release(asset(kArchiveName, R"(,"state":"uploaded")"))), chosen(release(kUsual)));
}

TEST(ChooseAsset, IgnoresMalformedAssets) {
  EXPECT_EQ(chosen(release(R"(null,1,"x",{},{"name":7},{"name":"a"},)" + kUsual)), chosen(release(kUsual)));
}

TEST(ChooseAsset, ReadsThePublishedDigest) {
  const auto artifact = choose(release(asset(kArchiveName, fmt::format(R"(,"digest":"sha256:{}")", kDigest))));
  ASSERT_TRUE(artifact);
  EXPECT_EQ(artifact->digest, Sha256::parse(kDigest));
}

TEST(ChooseAsset, AcceptsAnAssetWithoutADigest) {
  for (const char* digest : {R"(,"digest":null)", R"(,"digest":"sha512:abc")", R"(,"digest":"")", R"(,"digest":7)"}) {
    const auto artifact = choose(release(asset(kArchiveName, digest)));
    ASSERT_TRUE(artifact) << digest;
    EXPECT_FALSE(artifact->digest) << digest;
  }
}

TEST(ChooseAsset, RejectsAMalformedSha256) {
  EXPECT_EQ(chosen(release(asset(kArchiveName, R"(,"digest":"sha256:abc")"))), "resolve::bad-response");
}

TEST(ChooseAsset, RejectsUnsupportedUrls) {
  for (const char* url : {"http://host/x", "file:///etc/passwd", "", "ftp://host/x"}) {
    EXPECT_EQ(chosen(release(fmt::format(R"({{"name":"{}","browser_download_url":"{}"}})", kArchiveName, url))),
              "resolve::bad-response")
        << url;
  }
}

TEST(ChooseAsset, RejectsAMalformedTag) {
  for (const char* tag : {"", "../x", "v1/2", "-v1", "v 1"}) {
    EXPECT_EQ(chosen(release(kUsual, tag)), "resolve::bad-response") << tag;
  }
}

TEST(ChooseAsset, RejectsOtherJson) {
  for (const char* text : {"", "null", "[]", "7", "\"x\"", "{}", "{", "<html>", R"({"tag_name":7})", R"({"tag_name":null})",
                           "{\"tag_name\":\"v\xFF\"}"}) {
    EXPECT_EQ(chosen(text), "resolve::bad-response") << text;
  }
  EXPECT_EQ(chosen(std::string(20'000, '[')), "resolve::bad-response");
}

TEST(ChooseAsset, FailsWithNoAssetWhenTheListIsMalformed) {
  for (const char* list : {"null", "{}", "7", "\"x\""}) {
    EXPECT_EQ(chosen(fmt::format(R"({{"tag_name":"v1","assets":{}}})", list)), "resolve::no-asset") << list;
  }
  EXPECT_EQ(chosen(R"({"tag_name":"v1"})"), "resolve::no-asset");
}

}  // namespace
}  // namespace mesh::buildpack
