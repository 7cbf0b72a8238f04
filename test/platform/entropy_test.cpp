// Checks both implementations of the interface to the random number generator against platform/entropy.h.
#include "platform/entropy.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

#include "platform/system_entropy.h"
#include "support/cpp/counting_entropy.h"

namespace mesh {
namespace {

template <class Implementation>
class EntropyContract : public testing::Test {
 protected:
  template <std::size_t size>
  std::string fill() {
    std::array<std::byte, size> bytes{};
    entropy_.fill(bytes);
    return {reinterpret_cast<const char*>(bytes.data()), size};
  }

  Implementation entropy_;
};

using Implementations = testing::Types<SystemEntropy, CountingEntropy>;
TYPED_TEST_SUITE(EntropyContract, Implementations);

TYPED_TEST(EntropyContract, FillsDifferentBytesEachTime) {
  std::set<std::string> given;
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(given.insert(this->template fill<8>()).second);
}

TYPED_TEST(EntropyContract, FillsTheWholeBuffer) {
  const std::string bytes = this->template fill<200>();
  EXPECT_NE(bytes.substr(0, 8), std::string(8, '\0'));
  EXPECT_NE(bytes.substr(192), std::string(8, '\0'));
}

TYPED_TEST(EntropyContract, AcceptsAnEmptyBuffer) { this->entropy_.fill({}); }

}  // namespace
}  // namespace mesh
