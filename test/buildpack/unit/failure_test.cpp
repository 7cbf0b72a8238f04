#include "buildpack/base/failure.h"

#include <gtest/gtest.h>

namespace mesh::buildpack {
namespace {

common::Result<int> lower(bool works) {
  if (works) return 7;
  return Error{ErrorKind::no_space, "/app"};
}

Result<int> tries(bool works) {
  TRY_ASSIGN(const int value, lower(works));
  return value + 1;
}

Result<int> hands_on(bool works) { return lower(works); }

Result<void> does(const common::Result<void>& done) { return done; }

TEST(Failure, HasAReasonForEachKindOfError) {
  const std::pair<ErrorKind, std::string_view> expected[] = {
      {ErrorKind::defect, "internal-error::unhandled"},
      {ErrorKind::out_of_resources, "platform::out-of-resources"},
      {ErrorKind::cancelled, "build::interrupted"},
      {ErrorKind::no_space, "install::disk-full"},
      {ErrorKind::permission_denied, "install::permission"},
      {ErrorKind::path_conflict, "install::path-conflict"},
      {ErrorKind::io, "install::io-error"},
      {ErrorKind::no_trust_roots, "platform::no-ca-bundle"},
      {ErrorKind::dns, "network::dns"},
      {ErrorKind::offline, "network::offline"},
      {ErrorKind::connect, "network::connect"},
      {ErrorKind::timeout, "network::timeout"},
      {ErrorKind::stalled, "network::stalled"},
      {ErrorKind::reset, "network::reset"},
      {ErrorKind::tls, "network::tls"},
      {ErrorKind::certificate, "network::certificate"},
      {ErrorKind::proxy, "network::proxy"},
      {ErrorKind::protocol, "network::protocol"},
      {ErrorKind::truncated, "download::truncated"},
  };
  EXPECT_EQ(std::size(expected), kErrorKindCount);
  for (const auto& [kind, id] : expected) {
    const Failure failure(Error{kind, "detail"});
    EXPECT_EQ(entry(failure.reason).id, id);
    EXPECT_EQ(failure.detail, "detail");
  }
}

TEST(Result, ConvertsAnErrorToAFailure) {
  EXPECT_EQ(*tries(true), 8);
  EXPECT_EQ(tries(false).failure().reason, Reason::install_disk_full);
  EXPECT_EQ(tries(false).failure().detail, "/app");
  EXPECT_EQ(*hands_on(true), 7);
  EXPECT_EQ(hands_on(false).failure().reason, Reason::install_disk_full);
  EXPECT_TRUE(does({}));
  EXPECT_EQ(does(Error{ErrorKind::io, ""}).failure().reason, Reason::install_io_error);
}

}  // namespace
}  // namespace mesh::buildpack
