#include "buildpack/fetch/write_behind.h"

#include <gtest/gtest.h>

#include "support/cpp/archives.h"
#include "support/cpp/digests.h"
#include "support/cpp/memory_files.h"

namespace mesh::buildpack {
namespace {

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

class WriteBehindTest : public testing::Test {
 protected:
  MemoryFiles files_;
  std::unique_ptr<OutputFile> file_ = *files_.create("/binary");
};

TEST_F(WriteBehindTest, WritesAndDigestsInOrder) {
  const std::string content = noise(200'000);
  WriteBehind writing(*file_);
  for (std::size_t at = 0; at < content.size(); at += 1777) {
    std::string piece = content.substr(at, 1777);
    ASSERT_TRUE(writing.append(bytes(piece)));
    piece.assign(piece.size(), 'x');  // the caller may reuse the buffer
  }
  const auto digest = writing.finish();
  ASSERT_TRUE(digest);
  EXPECT_EQ(digest->hex(), digest_of(content));
  EXPECT_EQ(files_.content("/binary"), content);
}

TEST_F(WriteBehindTest, WritesAnEmptyFileWithoutInput) {
  EXPECT_EQ(WriteBehind(*file_).finish()->hex(), digest_of(""));
  EXPECT_EQ(files_.content("/binary"), "");
}

TEST_F(WriteBehindTest, FinishReturnsWriteFailure) {
  files_.fail("append", "/binary", ErrorKind::no_space);
  WriteBehind writing(*file_);
  static_cast<void>(writing.append(bytes("program")));
  EXPECT_EQ(writing.finish().failure().kind, ErrorKind::no_space);
}

TEST_F(WriteBehindTest, AppendFailsAfterAWriteFailure) {
  files_.fail("append", "/binary", ErrorKind::no_space);
  WriteBehind writing(*file_);
  common::Result<void> taken;
  for (int i = 0; taken && i < 1000; ++i) taken = writing.append(bytes("program"));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.failure().kind, ErrorKind::no_space);
}

TEST_F(WriteBehindTest, DestructorStopsTheThread) {
  WriteBehind writing(*file_);
  EXPECT_TRUE(writing.append(bytes("program")));
}

}  // namespace
}  // namespace mesh::buildpack
