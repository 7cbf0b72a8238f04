#include "buildpack/cedar/directory_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/cpp/memory_files.h"

namespace mesh::buildpack {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Path kStore = "/cache/heroku-integration-service-mesh";

Sha256 digest_of(std::string_view text) {
  Sha256Stream sha256;
  sha256.add(std::as_bytes(std::span(text)));
  return sha256.finish();
}

// A cache, and programs of builds, each by its version and with it as its content.
class DirectoryCacheTest : public testing::Test {
 protected:
  DirectoryCacheTest() {
    files_.put_directory("/cache");
    files_.put_directory("/app");
  }

  static CacheKey key(const std::string& version) { return {"integration", "https://host", version, "amd64"}; }

  void keep(const std::string& version) {
    files_.put_file("/app/" + version, version);
    const Sha256 sha256 = digest_of(version);
    cache_.keep({.key = key(version),
                 .version = version,
                 .url = "",
                 .validator = "",
                 .downloaded = sha256,
                 .sha256 = sha256,
                 .bytes = version.size(),
                 .verified_by = "none",
                 .fingerprint = ""},
                "/app/" + version);
  }

  std::vector<std::string> objects() {
    const auto names = files_.list(kStore / "objects");
    return names ? *names : std::vector<std::string>();
  }

  MemoryFiles files_;
  DirectoryCache cache_{files_, "/cache"};
};

TEST_F(DirectoryCacheTest, IgnoresUnprintableTexts) {
  keep("v1");
  const std::string digest = digest_of("v1").hex();
  const auto index = [&](const std::string& version, const std::string& etag) {
    files_.put_file(kStore / "index.json",
                    R"({"format": 1, "binaries": [{"product": "integration", "source": "https://host", "requested": "v1",
                    "arch": "amd64", "bytes": 2, "downloaded_sha256": ")" +
                        digest + R"(", "sha256": ")" + digest + R"(", "version": ")" + version + R"(", "etag": ")" + etag +
                        R"("}]})");
    return cache_.find(key("v1"));
  };
  EXPECT_EQ(index("v1", "\\\"tag\\\"")->validator, "\"tag\"");
  const auto found = index(R"(v1\n-----> Done)", R"(\"tag\"\r\nX-Header: more)");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->version, "");
  EXPECT_EQ(found->validator, "");
}

TEST_F(DirectoryCacheTest, FindsAndTakesKeptBinaries) {
  keep("v1");
  const auto found = cache_.find(key("v1"));
  ASSERT_TRUE(found);
  EXPECT_EQ(cache_.take(*found, "/app/taken"), BinaryCache::Taken::intact);
  EXPECT_EQ(files_.content("/app/taken"), "v1");
}

TEST_F(DirectoryCacheTest, KeepsTheLastTwo) {
  for (const char* version : {"v1", "v2", "v3"}) keep(version);
  EXPECT_FALSE(cache_.find(key("v1")));
  EXPECT_THAT(objects(), SizeIs(2));
}

TEST_F(DirectoryCacheTest, ChangesNothingWhileAnotherBuildHasTheLock) {
  keep("v1");
  const auto lock = files_.try_lock(kStore);
  keep("v2");
  EXPECT_FALSE(cache_.find(key("v2")));
  EXPECT_TRUE(cache_.find(key("v1")));
  EXPECT_THAT(objects(), SizeIs(1));
}

TEST_F(DirectoryCacheTest, LeavesTheDirectoryToTheNextBuild) {
  keep("v1");
  EXPECT_TRUE(files_.try_lock(kStore));
}

TEST_F(DirectoryCacheTest, ReportsACorruptBinaryThatCannotBeRemoved) {
  keep("v1");
  files_.put_file(kStore / "objects" / digest_of("v1").hex(), "v2");
  const auto found = cache_.find(key("v1"));
  {
    const auto lock = files_.try_lock(kStore);
    EXPECT_EQ(cache_.take(*found, "/app/taken"), BinaryCache::Taken::corrupt);
  }
  EXPECT_EQ(files_.kind("/app/taken"), FileKind::missing);
  EXPECT_EQ(cache_.take(*found, "/app/taken"), BinaryCache::Taken::corrupt);
  EXPECT_FALSE(cache_.find(key("v1")));
  EXPECT_THAT(objects(), IsEmpty());
}

TEST_F(DirectoryCacheTest, ReplacesAnObjectThatIsNotInTheIndex) {
  keep("v1");
  files_.put_file(kStore / "objects" / digest_of("v1").hex(), "other bytes");
  files_.put_file(kStore / "index.json", "{");
  keep("v1");
  EXPECT_EQ(cache_.take(*cache_.find(key("v1")), "/app/taken"), BinaryCache::Taken::intact);
}

TEST_F(DirectoryCacheTest, RemovesPartialFilesOfAKilledBuild) {
  files_.put_file(kStore / "incoming.abcdef" / "object", "half");
  keep("v1");
  EXPECT_THAT(*files_.list(kStore), ElementsAre("index.json", "objects"));
}

}  // namespace
}  // namespace mesh::buildpack
