#include "buildpack/install/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mesh::buildpack {
namespace {

using testing::Contains;
using testing::SizeIs;

TEST(AliasNames, ContainTheVersion) {
  EXPECT_THAT(alias_names(Product::applink, "v1.2.3", Architecture::amd64),
              Contains("heroku-applink-service-mesh-v1.2.3-amd64"));
}

// The version may be any tag, or untrusted text from a restored cache.
TEST(AliasNames, OmitTheVersionWhenInvalidInAFileName) {
  const auto without = alias_names(Product::applink, "", Architecture::amd64);
  EXPECT_THAT(without, SizeIs(3));
  for (const std::string& version : {std::string("x/../../../escaped"), std::string("release/v1"), std::string("a\nb"),
                                     std::string("a\0b", 3), std::string("a b"), std::string(300, '1')}) {
    EXPECT_EQ(alias_names(Product::applink, version, Architecture::amd64), without) << version;
  }
}

}  // namespace
}  // namespace mesh::buildpack
