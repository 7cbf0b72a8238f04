#include "buildpack/record/path_names.h"

#include <gtest/gtest.h>

namespace mesh::buildpack {
namespace {

std::string shortened(const std::string& text) {
  return PathNames({{"/tmp/build_1", "BUILD_DIR"},
                    {"/tmp/build_1/cache/", "CACHE_DIR"},
                    {"/buildpack/libexec/linux/../..", "BUILDPACK_DIR"},
                    {"/app", "APP_DIR"},
                    {"/", "ROOT"},
                    {"", "NOTHING"}})
      .shorten(text);
}

TEST(PathNames, ReplacesADirectoryAndPathsBelowIt) {
  EXPECT_EQ(shortened("/tmp/build_1: Permission denied"), "BUILD_DIR: Permission denied");
  EXPECT_EQ(shortened("/tmp/build_1/vendor/x"), "BUILD_DIR/vendor/x");
  EXPECT_EQ(shortened("in \"/tmp/build_1\" and (/tmp/build_1/x)"), "in \"BUILD_DIR\" and (BUILD_DIR/x)");
}

TEST(PathNames, PrefersTheInnermostDirectory) {
  EXPECT_EQ(shortened("/tmp/build_1/cache/x"), "CACHE_DIR/x");
  EXPECT_EQ(shortened("/tmp/build_1/cached"), "BUILD_DIR/cached");
}

TEST(PathNames, ReplacesAPathAsWrittenAndNormalized) {
  EXPECT_EQ(shortened("/buildpack/libexec/linux/../../inventory"), "BUILDPACK_DIR/inventory");
  EXPECT_EQ(shortened("/buildpack/inventory"), "BUILDPACK_DIR/inventory");
}

TEST(PathNames, DoesNotChangeOtherPaths) {
  for (const char* text : {"/tmp/build_12/x", "/tmp/build_1.old", "/srv/app/x", "https://example.com/app/x", "/apple",
                           "file:///app/x", "/etc/passwd", "v/", ""}) {
    EXPECT_EQ(shortened(text), text);
  }
}

TEST(PathNames, RemovesTheRandomPartOfTemporaryNames) {
  EXPECT_EQ(shortened("/tmp/build_1/.heroku-integration-service-mesh.aB3xYz/archive: No space left on device"),
            "BUILD_DIR/.heroku-integration-service-mesh/archive: No space left on device");
  EXPECT_EQ(shortened("/app/incoming.123456"), "APP_DIR/incoming");
  for (const char* text : {"/x/incoming.12345", "/x/incoming.1234567", "/x/incoming.12-456", "/x/incoming"}) {
    EXPECT_EQ(shortened(text), text);
  }
}

}  // namespace
}  // namespace mesh::buildpack
