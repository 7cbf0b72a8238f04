#include "buildpack/fetch/unpack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "support/cpp/archives.h"
#include "support/cpp/byte_sources.h"
#include "support/cpp/memory_files.h"

namespace mesh::buildpack {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kName = "mesh";

ByteSink appending_to(OutputFile& file) {
  return [&file](std::span<const std::byte> bytes) { return file.append(bytes); };
}

// Unpacks an archive into `files`.
struct Unpacked {
  MemoryFiles files;
  Result<std::uint64_t> result;

  explicit Unpacked(const std::string& archive, const ArchiveLimits& limits = {}) : Unpacked(source_of(archive), limits) {}

  explicit Unpacked(ByteSource source, const ArchiveLimits& limits = {})
      : result(Failure{Reason::internal_error_unhandled, ""}) {
    const auto binary = *files.create("/binary");
    result = unpack(std::move(source), limits, kName, appending_to(*binary));
  }

  // Returns the failure's reason. Checks that no other file exists.
  Reason reason() {
    EXPECT_THAT(files.paths(), ElementsAre("/binary"));
    EXPECT_FALSE(result);
    return result ? Reason{} : result.failure().reason;
  }
};

std::string mesh_member(std::string content = "program") { return tar_member({"mesh", std::move(content)}); }

// Returns a complete archive with one member beside the mesh.
std::string with(const TarMember& member) { return gzip(mesh_member() + tar_member(member) + tar_end()); }

// Compresses the content. Ends a block at each of these offsets.
std::string gzip_in_blocks(const std::string& content, const std::vector<std::size_t>& ends, int level, int strategy) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, strategy), Z_OK);
  std::string packed(deflateBound(&z, content.size()) + 1'000, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));  // zlib only reads it
  z.next_out = reinterpret_cast<Bytef*>(packed.data());
  z.avail_out = static_cast<uInt>(packed.size());
  for (const std::size_t end : ends) {
    z.avail_in = static_cast<uInt>(end - z.total_in);
    EXPECT_EQ(deflate(&z, Z_BLOCK), Z_OK);
  }
  z.avail_in = static_cast<uInt>(content.size() - z.total_in);
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  packed.resize(z.total_out);
  deflateEnd(&z);
  return packed;
}

// Returns a text of four letters, which have short codes.
std::string letters(std::size_t size) {
  std::string text = noise(size);
  for (char& byte : text) byte = static_cast<char>('a' + (byte & 3));
  return text;
}

constexpr std::size_t kFlags = 3;  // the offset of the flags in a gzip header

// Returns the archive with every optional field in its header (RFC 1952, section 2.3.1).
std::string with_header_fields(const std::string& archive) {
  std::string header = archive.substr(0, 10);
  header[kFlags] = 0x1F;
  header += std::string("\x05\0extra", 7) + std::string("name\0comment\0", 13);
  const uLong sum = crc32(0, reinterpret_cast<const Bytef*>(header.data()), static_cast<uInt>(header.size()));
  header += static_cast<char>(sum & 0xFF);
  header += static_cast<char>(sum >> 8 & 0xFF);
  return header + archive.substr(10);
}

TEST(Unpack, WritesTheFileOfTheGivenName) {
  const std::string content = noise(300'000);
  Unpacked unpacked(gzip(tar_member({"README.md", "words"}) + mesh_member(content) + tar_end()));
  ASSERT_TRUE(unpacked.result);
  EXPECT_EQ(*unpacked.result, content.size());
  EXPECT_EQ(unpacked.files.content("/binary"), content);
  EXPECT_THAT(unpacked.files.paths(), ElementsAre("/binary"));
}

TEST(Unpack, FindsTheFileInADirectory) {
  for (const char* path : {"./mesh", "bin/mesh", "./a/b/mesh"}) {
    Unpacked unpacked(gzip(tar_member({"bin/", "", '5'}) + tar_member({path, "program"}) + tar_end()));
    ASSERT_TRUE(unpacked.result) << path;
    EXPECT_EQ(unpacked.files.content("/binary"), "program");
  }
}

TEST(Unpack, AcceptsAnEmptyFile) {
  const Unpacked unpacked(gzip(mesh_member("") + tar_end()));
  ASSERT_TRUE(unpacked.result);
  EXPECT_EQ(*unpacked.result, 0u);
}

TEST(Unpack, AcceptsALongPathInAPaxHeader) {
  const std::string directory(300, 'd');
  Unpacked unpacked(gzip(pax_member(directory + "/mesh", "program") + tar_end()));
  ASSERT_TRUE(unpacked.result);
  EXPECT_EQ(unpacked.files.content("/binary"), "program");
}

TEST(Unpack, SkipsAFileWithANonAsciiName) {
  const Unpacked plain(gzip(mesh_member() + tar_member({"Ümläut", "x"}) + tar_end()));
  EXPECT_TRUE(plain.result) << plain.result.failure().detail;
  const Unpacked pax(gzip(mesh_member() + pax_member("Ümläut", "x") + tar_end()));
  EXPECT_TRUE(pax.result) << pax.result.failure().detail;
}

TEST(Unpack, PrefersThePathOfThePaxHeader) {
  EXPECT_EQ(Unpacked(gzip(mesh_member() + pax_member("../evil", "x") + tar_end())).reason(), Reason::archive_unsafe_path);
}

TEST(Unpack, SkipsADirectoryOfTheGivenName) {
  EXPECT_EQ(Unpacked(gzip(tar_member({"mesh/", "", '5'}) + tar_end())).reason(), Reason::archive_missing_binary);
}

TEST(Unpack, FailsWhenTheFileIsMissing) {
  for (const char* path : {"mesh.exe", "not-mesh", "Mesh", "mesh/readme"}) {
    EXPECT_EQ(Unpacked(gzip(tar_member({path, "x"}) + tar_end())).reason(), Reason::archive_missing_binary) << path;
  }
}

TEST(Unpack, HasTheNumberOfEntriesInTheDetail) {
  Unpacked unpacked(gzip(tar_member({"a", "x"}) + tar_member({"b", "x"}) + tar_end()));
  EXPECT_EQ(unpacked.reason(), Reason::archive_missing_binary);
  EXPECT_THAT(unpacked.result.failure().detail, HasSubstr("2 entries"));
}

TEST(Unpack, RejectsUnsafePaths) {
  for (const char* path : {"../mesh", "a/../../mesh", "a/..", "..", "/mesh", "/etc/passwd", "a\\mesh", "a\nb", "\x7f"}) {
    EXPECT_EQ(Unpacked(with({path, "x"})).reason(), Reason::archive_unsafe_path) << path;
  }
}

TEST(Unpack, AcceptsDotsInNames) { EXPECT_TRUE(Unpacked(with({"a..b/..c/...", "x"})).result); }

TEST(Unpack, PrintsAnUnsafePathOnOneLine) {
  Unpacked unpacked(with({"a\n\x1b[31mb", "x"}));
  EXPECT_EQ(unpacked.reason(), Reason::archive_unsafe_path);
  EXPECT_EQ(unpacked.result.failure().detail, "\"a  [31mb\"");
}

TEST(Unpack, RejectsOtherTypesThanFilesAndDirectories) {
  const std::vector<std::pair<TarMember, const char*>> members = {{{"x", "", '1', "mesh"}, "a hard link"},
                                                                  {{"x", "", '2', "/etc"}, "a symbolic link"},
                                                                  {{"x", "", '3'}, "a device"},
                                                                  {{"x", "", '4'}, "a device"},
                                                                  {{"x", "", '6'}, "a pipe"}};
  for (const auto& [member, words] : members) {
    Unpacked unpacked(with(member));
    EXPECT_EQ(unpacked.reason(), Reason::archive_unexpected_member) << words;
    EXPECT_THAT(unpacked.result.failure().detail, HasSubstr(words));
  }
}

TEST(Unpack, RejectsTheMeshAsASymbolicLink) {
  for (const char type : {'1', '2'}) {
    EXPECT_EQ(Unpacked(gzip(tar_member({"mesh", "", type, "/bin/sh"}) + tar_end())).reason(),
              Reason::archive_unexpected_member);
  }
}

TEST(Unpack, RejectsASparseFile) {
  Unpacked unpacked(gzip(sparse_member("mesh", std::string(512, 'x'), 1ull << 40) + tar_end()));
  EXPECT_EQ(unpacked.reason(), Reason::archive_unexpected_member);
  EXPECT_THAT(unpacked.result.failure().detail, HasSubstr("sparse"));
}

TEST(Unpack, RejectsADuplicateName) {
  Unpacked unpacked(with({"bin/mesh", "another"}));
  EXPECT_EQ(unpacked.reason(), Reason::archive_unexpected_member);
  EXPECT_EQ(unpacked.files.content("/binary"), "program");
}

TEST(Unpack, RejectsTooManyEntries) {
  std::string tar = mesh_member();
  for (int i = 1; i < 64; ++i) tar += tar_member({"d" + std::to_string(i) + "/", "", '5'});
  EXPECT_TRUE(Unpacked(gzip(tar + tar_end())).result);
  tar += tar_member({"one-more", "x"});
  EXPECT_EQ(Unpacked(gzip(tar + tar_end())).reason(), Reason::archive_too_large);
}

TEST(Unpack, LimitsTheUnpackedSize) {
  const ArchiveLimits limits{.unpacked_bytes = 100'000};
  EXPECT_TRUE(Unpacked(gzip(mesh_member(noise(90'000)) + tar_end()), limits).result);
  EXPECT_EQ(Unpacked(gzip(mesh_member(noise(110'000)) + tar_end()), limits).reason(), Reason::archive_too_large);
}

TEST(Unpack, LimitsTheUnpackedSizeOfSkippedFiles) {
  const ArchiveLimits limits{.unpacked_bytes = 100'000};
  EXPECT_EQ(Unpacked(with({"other", noise(300'000)}), limits).reason(), Reason::archive_too_large);
}

TEST(Unpack, DoesNotTrustTheSizeInAHeader) {
  EXPECT_EQ(Unpacked(gzip(tar_member({.path = "mesh", .content = "x", .size = 1ull << 32}))).reason(),
            Reason::archive_corrupt);
  EXPECT_EQ(Unpacked(gzip(tar_member({.path = "other", .content = "x", .size = 1ull << 32}))).reason(),
            Reason::archive_corrupt);
}

TEST(Unpack, LimitsTheCompressionRatio) {
  const std::string bomb = gzip(mesh_member(std::string(8 << 20, '\0')) + tar_end());
  EXPECT_EQ(Unpacked(bomb).reason(), Reason::archive_too_large);
  EXPECT_TRUE(Unpacked(bomb, {.ratio = 2000}).result);
}

TEST(Unpack, AcceptsAHighRatioForSmallFiles) {
  EXPECT_TRUE(Unpacked(gzip(mesh_member(std::string(500'000, '\0')) + tar_end())).result);
}

TEST(Unpack, DetectsTruncationAtAnyOffset) {
  const std::string archive = gzip(mesh_member(noise(3'000)) + tar_end());
  for (std::size_t size = 0; size < archive.size(); size += 97) {
    EXPECT_EQ(Unpacked(archive.substr(0, size)).reason(), Reason::archive_corrupt) << size;
  }
  EXPECT_EQ(Unpacked(archive.substr(0, archive.size() - 1)).reason(), Reason::archive_corrupt);
}

TEST(Unpack, DetectsAWrongChecksum) {
  std::string archive = gzip(mesh_member() + tar_end());
  archive[archive.size() - 8] = static_cast<char>(archive[archive.size() - 8] ^ 1);
  EXPECT_EQ(Unpacked(archive).reason(), Reason::archive_corrupt);
}

TEST(Unpack, DetectsAWrongLength) {
  std::string archive = gzip(mesh_member() + tar_end());
  archive.back() = static_cast<char>(archive.back() ^ 1);
  EXPECT_EQ(Unpacked(archive).reason(), Reason::archive_corrupt);
}

TEST(Unpack, DetectsCorruptionInTheMiddle) {
  std::string archive = gzip(mesh_member(noise(100'000)) + tar_end());
  archive[50'000] = static_cast<char>(archive[50'000] ^ 0x10);
  EXPECT_EQ(Unpacked(archive).reason(), Reason::archive_corrupt);
}

TEST(Unpack, DetectsATruncatedTarFile) {
  const std::string tar = mesh_member(noise(3'000)) + tar_end();
  EXPECT_EQ(Unpacked(gzip(tar.substr(0, 1'000))).reason(), Reason::archive_corrupt);
  EXPECT_EQ(Unpacked(gzip(tar.substr(0, 100))).reason(), Reason::archive_corrupt);
}

TEST(Unpack, DetectsATarFileTruncatedBetweenTwoMembers) {
  const std::string member = mesh_member(std::string(1'000, '\0'));
  for (const std::size_t end : {0u, 512u, 1'000u}) {
    EXPECT_EQ(Unpacked(gzip(member + std::string(end, '\0'))).reason(), Reason::archive_corrupt) << end;
  }
  for (const std::size_t end : {1'024u, 1'500u, 10'240u, 500'000u}) {
    EXPECT_TRUE(Unpacked(gzip(member + std::string(end, '\0'))).result) << end;
  }
}

TEST(Unpack, DetectsACorruptHeader) {
  std::string tar = mesh_member() + tar_member({"other", "x"}) + tar_end();
  tar[1024] = 'O';
  EXPECT_EQ(Unpacked(gzip(tar)).reason(), Reason::archive_corrupt);
}

TEST(Unpack, RejectsNonTarFiles) {
  EXPECT_EQ(Unpacked(gzip("<html>" + std::string(5'000, 'x'))).reason(), Reason::archive_corrupt);
  EXPECT_EQ(Unpacked(gzip("")).reason(), Reason::archive_corrupt);
}

TEST(Unpack, RejectsNonGzipFiles) {
  EXPECT_EQ(Unpacked(mesh_member() + tar_end()).reason(), Reason::archive_corrupt);
  EXPECT_EQ(Unpacked(std::string()).reason(), Reason::archive_corrupt);
}

TEST(Unpack, ReadsOptionalGzipHeaderFields) {
  const std::string archive = with_header_fields(gzip(mesh_member(noise(3'000)) + tar_end()));
  for (const std::size_t piece : {1u, 2u, 7u, 11u, 1'000u}) {
    Unpacked unpacked(source_of(archive, piece));
    ASSERT_TRUE(unpacked.result) << piece << ": " << unpacked.result.failure().detail;
    EXPECT_EQ(unpacked.files.content("/binary"), noise(3'000)) << piece;
  }
}

TEST(Unpack, ReportsCorruptArchiveWhenAnOptionalGzipHeaderFieldIsCorrupt) {
  const std::string archive = with_header_fields(gzip(mesh_member() + tar_end()));
  for (const std::size_t at : {4u, 14u, 18u, 24u, 30u, 31u}) {
    std::string damaged = archive;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    for (const std::size_t piece : {1u, 1'000u}) {
      EXPECT_EQ(Unpacked(source_of(damaged, piece)).reason(), Reason::archive_corrupt) << at << " " << piece;
    }
  }
}

TEST(Unpack, ReportsCorruptArchiveWhenAReservedGzipFlagIsSet) {
  for (const char flag : {'\x20', '\x40', '\x80'}) {
    std::string archive = gzip(mesh_member() + tar_end());
    archive[kFlags] = flag;
    EXPECT_EQ(Unpacked(archive).reason(), Reason::archive_corrupt);
  }
}

TEST(Unpack, ReportsCorruptArchiveWhenTheCompressionMethodIsUnknown) {
  std::string archive = gzip(mesh_member() + tar_end());
  archive[2] = 7;
  EXPECT_EQ(Unpacked(archive).reason(), Reason::archive_corrupt);
}

TEST(Unpack, ReadsEveryKindOfBlock) {
  for (const std::string& content : {noise(150'000), letters(150'000), std::string(150'000, 'x')}) {
    const std::string tar = mesh_member(content) + tar_end();
    for (const auto& [level, strategy] : {std::pair(0, Z_DEFAULT_STRATEGY), std::pair(9, Z_DEFAULT_STRATEGY),
                                          std::pair(9, Z_FIXED), std::pair(9, Z_HUFFMAN_ONLY), std::pair(9, Z_RLE)}) {
      const std::string archive = gzip_in_blocks(tar, {70'000}, level, strategy);
      for (const std::size_t piece : {61u, 16'384u, 1'000'000u}) {
        Unpacked unpacked(source_of(archive, piece), {.ratio = 2000});
        ASSERT_TRUE(unpacked.result) << level << " " << strategy << " " << piece << unpacked.result.failure().detail;
        ASSERT_EQ(unpacked.files.content("/binary"), content) << level << " " << strategy << " " << piece;
      }
    }
  }
}

// A decoder that reads several symbols at once reaches the end of a block when the output has no space for previous symbols.
TEST(Unpack, ReadsABlockThatEndsAtTheEndOfABuffer) {
  const std::string content = letters(200'000);
  const std::string tar = mesh_member(content) + tar_end();
  for (const std::size_t buffer : {65'536u, 131'072u}) {
    for (std::size_t end = buffer - 6; end < buffer + 6; ++end) {
      Unpacked unpacked(source_of(gzip_in_blocks(tar, {end - 200, end}, 9, Z_HUFFMAN_ONLY), 1'000'000));
      ASSERT_TRUE(unpacked.result) << end << ": " << unpacked.result.failure().detail;
      ASSERT_EQ(unpacked.files.content("/binary"), content) << end;
    }
  }
}

TEST(Unpack, RejectsDataAfterTheGzipMember) {
  const std::string archive = gzip(mesh_member() + tar_end());
  EXPECT_EQ(Unpacked(archive + "x").reason(), Reason::archive_unexpected_member);
  EXPECT_EQ(Unpacked(source_of(archive + "x", archive.size())).reason(), Reason::archive_unexpected_member);
}

TEST(Unpack, RejectsASecondGzipMember) {
  const std::string archive = gzip(mesh_member() + tar_end());
  EXPECT_EQ(Unpacked(archive + archive).reason(), Reason::archive_unexpected_member);
}

TEST(Unpack, RejectsDataAfterTheEndOfTheTarFile) {
  for (const std::size_t zeros : {std::size_t{0}, std::size_t{512}, std::size_t{10'000}, std::size_t{500'000}}) {
    const std::string tar = mesh_member() + tar_end() + std::string(zeros, '\0');
    EXPECT_TRUE(Unpacked(gzip(tar)).result) << zeros;
    EXPECT_EQ(Unpacked(gzip(tar + "x")).reason(), Reason::archive_unexpected_member) << zeros;
    EXPECT_EQ(Unpacked(gzip(tar + mesh_member())).reason(), Reason::archive_unexpected_member) << zeros;
  }
}

TEST(Unpack, ReturnsSourceFailure) {
  const ByteSource source = [](std::span<std::byte>) -> common::Result<std::optional<std::size_t>> {
    return Error{ErrorKind::permission_denied, "no"};
  };
  EXPECT_EQ(Unpacked(source).reason(), Reason::install_permission);
}

TEST(Unpack, ReturnsBuildInterruptedWhenItsSourceStops) {
  const ByteSource source = [](std::span<std::byte>) { return common::Result<std::optional<std::size_t>>(std::nullopt); };
  EXPECT_EQ(Unpacked(source).reason(), Reason::build_interrupted);
}

TEST(Unpack, ReturnsWriteFailure) {
  MemoryFiles files;
  files.fail("append", "/binary", ErrorKind::no_space);
  const auto binary = *files.create("/binary");
  const auto result = unpack(source_of(gzip(mesh_member() + tar_end())), {}, kName, appending_to(*binary));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.failure().reason, Reason::install_disk_full);
}

}  // namespace
}  // namespace mesh::buildpack
