#include "common/error.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <system_error>

namespace mesh {
namespace {

TEST(ErrorOfException, IsOutOfResourcesWhenMemoryOrThreadsAreUnavailable) {
  EXPECT_EQ(error_of(std::bad_alloc()).kind, ErrorKind::out_of_resources);
  const std::system_error no_thread(std::make_error_code(std::errc::resource_unavailable_try_again));
  EXPECT_EQ(error_of(no_thread).kind, ErrorKind::out_of_resources);
}

TEST(ErrorOfException, IsAnInternalErrorOtherwise) {
  const Error error = error_of(std::runtime_error("a\ndefect"));
  EXPECT_EQ(error.kind, ErrorKind::defect);
  EXPECT_EQ(error.detail, "a defect");
}

}  // namespace
}  // namespace mesh
