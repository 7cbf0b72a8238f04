#include "buildpack/fetch/arriving_file.h"

#include <gtest/gtest.h>

#include <stop_token>
#include <thread>

#include "buildpack/fetch/unpack.h"
#include "support/cpp/archives.h"
#include "support/cpp/digests.h"
#include "support/cpp/memory_files.h"

namespace mesh::buildpack {
namespace {

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

class ArrivingFileTest : public testing::Test {
 protected:
  // Reads at an offset; returns "(stop)" for nullopt.
  std::string read(int generation, std::uint64_t offset, const std::stop_token& stop = {}) {
    std::string buffer(100, '\0');
    const auto count = *file_->read_at(generation, offset, std::as_writable_bytes(std::span(buffer)), stop);
    return count ? buffer.substr(0, *count) : "(stop)";
  }

  MemoryFiles files_;
  std::unique_ptr<ArrivingFile> file_ = *ArrivingFile::create(files_, "/archive");
};

TEST_F(ArrivingFileTest, ReadsAvailableBytes) {
  ASSERT_TRUE(file_->append(bytes("abc")));
  EXPECT_EQ(read(0, 0), "abc");
  EXPECT_EQ(read(0, 2), "c");
  EXPECT_EQ(file_->size(), 3u);
}

TEST_F(ArrivingFileTest, ReadsZeroBytesAtTheEndWhenComplete) {
  ASSERT_TRUE(file_->append(bytes("abc")));
  file_->complete();
  EXPECT_EQ(read(0, 0), "abc");
  EXPECT_EQ(read(0, 3), "");
}

TEST_F(ArrivingFileTest, ReadWaitsForTheWriter) {
  std::string seen;
  std::thread reader([&] {
    for (std::string part = read(0, 0); !part.empty(); part = read(0, seen.size())) seen += part;
  });
  for (const char* part : {"one ", "two ", "three"}) EXPECT_TRUE(file_->append(bytes(part)));
  file_->complete();
  reader.join();
  EXPECT_EQ(seen, "one two three");
}

TEST_F(ArrivingFileTest, ReadReturnsNulloptWhenRestartedWhileWaiting) {
  std::string seen;
  std::thread reader([&] { seen = read(0, 0); });
  EXPECT_TRUE(file_->restart());
  reader.join();
  EXPECT_EQ(seen, "(stop)");
}

TEST_F(ArrivingFileTest, ReadsNewBytesOnlyInTheNewGeneration) {
  ASSERT_TRUE(file_->append(bytes("the first attempt")));
  ASSERT_TRUE(file_->restart());
  ASSERT_TRUE(file_->append(bytes("second")));
  EXPECT_EQ(file_->generation(), 1);
  EXPECT_EQ(read(0, 0), "(stop)");
  EXPECT_EQ(read(1, 0), "second");
  EXPECT_EQ(file_->size(), 6u);
}

TEST_F(ArrivingFileTest, ReadReturnsNulloptWhenStoppedWhileWaiting) {
  std::string seen;
  std::jthread reader([&](const std::stop_token& stop) { seen = read(0, 0, stop); });
  reader.request_stop();
  reader.join();
  EXPECT_EQ(seen, "(stop)");
}

TEST_F(ArrivingFileTest, ReadReturnsNulloptWhenAlreadyStopped) {
  ASSERT_TRUE(file_->append(bytes("abc")));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(read(0, 0, stop.get_token()), "(stop)");
  EXPECT_EQ(read(0, 0), "abc");
}

TEST_F(ArrivingFileTest, SourceReadsAGenerationFromItsFirstByte) {
  ASSERT_TRUE(file_->append(bytes("first")));
  const ByteSource first = file_->source(0);
  ASSERT_TRUE(file_->restart());
  ASSERT_TRUE(file_->append(bytes("second")));
  file_->complete();
  std::array<std::byte, 4> buffer;
  const ByteSource second = file_->source(1);
  EXPECT_EQ(*second(buffer), 4u);
  EXPECT_EQ(*second(buffer), 2u);
  EXPECT_EQ(*second(buffer), 0u);
  EXPECT_EQ(*first(buffer), std::nullopt);
}

TEST_F(ArrivingFileTest, WaitForNewerReturnsWhetherANewerGenerationBegan) {
  ASSERT_TRUE(file_->restart());
  EXPECT_TRUE(file_->wait_for_newer(0));
  file_->complete();
  EXPECT_TRUE(file_->wait_for_newer(0));
  EXPECT_FALSE(file_->wait_for_newer(1));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(file_->wait_for_newer(0, stop.get_token()));
}

TEST_F(ArrivingFileTest, SizeExcludesBytesWhenAppendFails) {
  files_.fail("append", "/archive", ErrorKind::no_space);
  EXPECT_EQ(file_->append(bytes("abc")).failure().reason, Reason::install_disk_full);
  EXPECT_EQ(file_->size(), 0u);
}

TEST_F(ArrivingFileTest, ReturnsReadFailure) {
  files_.fail("read_at", "/archive", ErrorKind::io);
  ASSERT_TRUE(file_->append(bytes("abc")));
  std::array<std::byte, 10> buffer{};
  EXPECT_EQ(file_->read_at(0, 0, buffer).failure().kind, ErrorKind::io);
}

class BackgroundUnpackTest : public ArrivingFileTest {
 protected:
  std::unique_ptr<BackgroundUnpack> start() {
    return std::make_unique<BackgroundUnpack>(*file_, ArchiveLimits{}, "heroku-integration-service-mesh", *binary_);
  }

  std::unique_ptr<OutputFile> binary_ = *files_.create("/binary");
};

TEST_F(BackgroundUnpackTest, UnpacksWhileTheArchiveIsDownloaded) {
  const std::string content = noise(50'000);
  const std::string archive = release_archive(content);
  const auto unpacking = start();
  for (std::size_t at = 0; at < archive.size(); at += 999) {
    ASSERT_TRUE(file_->append(bytes(std::string_view(archive).substr(at, 999))));
  }
  file_->complete();
  const auto unpacked = unpacking->finish();
  ASSERT_TRUE(unpacked);
  EXPECT_EQ(unpacked->bytes, content.size());
  EXPECT_EQ(unpacked->sha256.hex(), digest_of(content));
  EXPECT_EQ(files_.content("/binary"), content);
}

TEST_F(BackgroundUnpackTest, RestartsWhenTheArchiveRestarts) {
  const auto unpacking = start();
  ASSERT_TRUE(file_->append(bytes(release_archive(noise(100'000)).substr(0, 60'000))));
  ASSERT_TRUE(file_->restart());
  ASSERT_TRUE(file_->append(bytes(release_archive("second"))));
  file_->complete();
  ASSERT_TRUE(unpacking->finish());
  EXPECT_EQ(files_.content("/binary"), "second");
}

TEST_F(BackgroundUnpackTest, ResetsFailureWhenTheArchiveRestarts) {
  const auto unpacking = start();
  ASSERT_TRUE(file_->append(bytes("not gzip at all")));
  ASSERT_TRUE(file_->restart());
  ASSERT_TRUE(file_->append(bytes(release_archive("second"))));
  file_->complete();
  EXPECT_TRUE(unpacking->finish());
}

TEST_F(BackgroundUnpackTest, FinishReturnsUnpackFailure) {
  const auto unpacking = start();
  ASSERT_TRUE(file_->append(bytes("not gzip at all")));
  file_->complete();
  EXPECT_EQ(unpacking->finish().failure().reason, Reason::archive_corrupt);
}

TEST_F(BackgroundUnpackTest, DestructorStopsTheThreadWhenTheArchiveIsIncomplete) {
  const auto unpacking = start();
  ASSERT_TRUE(file_->append(bytes(release_archive("program").substr(0, 20))));
}

TEST_F(BackgroundUnpackTest, FinishReturnsWriteFailure) {
  files_.fail("append", "/binary", ErrorKind::no_space);
  const auto unpacking = start();
  ASSERT_TRUE(file_->append(bytes(release_archive("program"))));
  file_->complete();
  EXPECT_EQ(unpacking->finish().failure().reason, Reason::install_disk_full);
}

TEST_F(BackgroundUnpackTest, FinishReturnsRestartFailure) {
  files_.fail("restart", "/binary", ErrorKind::no_space);
  const auto unpacking = start();
  ASSERT_TRUE(file_->append(bytes(release_archive("program"))));
  file_->complete();
  EXPECT_EQ(unpacking->finish().failure().reason, Reason::install_disk_full);
}

}  // namespace
}  // namespace mesh::buildpack
