#include <gtest/gtest.h>

#include "buildpack/release/inventory.h"
#include "support/cpp/memory_files.h"

namespace mesh::buildpack {
namespace {

TEST(ReadInventory, RejectsAnyMalformedJson) {
  for (const char* text :
       {"", "5", "[]", "{}", R"({"format":2})", R"({"format":1,"products":5})", R"({"format":1,"products":[]})",
        R"({"format":1,"products":{"applink":[]}})", R"({"format":1,"products":{"applink":{"artifacts":{}}}})",
        R"({"format":1,"products":{"applink":{"artifacts":[5]}}})",
        R"({"format":1,"products":{"integration":{"signing_keys":"none"}}})",
        R"({"format":1,"products":{"integration":{"signing_keys":[{}]}}})"}) {
    MemoryFiles files;
    files.put_file("/b/inventory/service-mesh.json", text);
    const auto inventory = read_inventory("/b", files);
    ASSERT_FALSE(inventory) << text;
    EXPECT_EQ(inventory.failure().reason, Reason::platform_inventory) << text;
  }
}

}  // namespace
}  // namespace mesh::buildpack
