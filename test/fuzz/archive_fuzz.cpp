#include <algorithm>
#include <numeric>

#include "buildpack/fetch/unpack.h"
#include "fuzz/fuzz.h"
#include "support/cpp/archives.h"

// Fuzzes a release's archive. An input that begins with "t" is a tar file without checksums and compression, so that the
// fuzzer need not find them. Otherwise the bytes after the first are the archive.
namespace mesh::buildpack::fuzz {
namespace {

constexpr ArchiveLimits kLimits = {
    .packed_bytes = 1 << 20, .unpacked_bytes = 64 << 10, .ratio = 200, .ratio_free_bytes = 16 << 10, .entries = 8};
constexpr std::size_t kBlock = 512;
constexpr std::size_t kSize = 124;
constexpr std::size_t kChecksum = 148;

// Writes each header's checksum. Finds the headers by the sizes in them.
std::string sealed(std::string_view content) {
  std::string tar(content);
  for (std::size_t at = 0; at + kBlock <= tar.size();) {
    const auto begin = tar.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = begin + kBlock;
    if (std::all_of(begin, end, [](char c) { return c == '\0'; })) break;
    const std::size_t size = std::strtoull(tar.substr(at + kSize, 11).c_str(), nullptr, 8);
    std::fill_n(begin + kChecksum, 8, ' ');
    const unsigned sum =
        std::accumulate(begin, end, 0u, [](unsigned so_far, char c) { return so_far + static_cast<unsigned char>(c); });
    std::snprintf(&tar[at + kChecksum], 7, "%06o", sum);
    at += kBlock + (std::min(size, tar.size()) + kBlock - 1) / kBlock * kBlock;
  }
  return tar;
}

struct Outcome {
  std::string verdict;  // the failure's id and detail; empty on success
  std::string content;
};

Outcome unpack_in_pieces(std::string_view archive, std::size_t piece) {
  std::string binary;
  const ByteSource source = [&archive, piece](std::span<std::byte> buffer) -> common::Result<std::optional<std::size_t>> {
    const std::size_t count = std::min({buffer.size(), piece, archive.size()});
    std::ranges::copy(std::as_bytes(std::span(archive.substr(0, count))), buffer.begin());
    archive.remove_prefix(count);
    return std::optional(count);
  };
  const ByteSink sink = [&](std::span<const std::byte> bytes) -> common::Result<void> {
    binary.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  };
  const auto result = unpack(source, kLimits, "mesh", sink);
  MUST(binary.size() <= kLimits.unpacked_bytes + (256 << 10));  // the last block may exceed the limit
  if (!result) {
    MUST(area(result.failure()) == "archive");
    MUST(is_printable_line(result.failure().detail));
    return {std::string(entry(result.failure().reason).id) + " " + result.failure().detail, {}};
  }
  MUST(binary.size() <= kLimits.unpacked_bytes);
  MUST(*result == binary.size());
  return {{}, binary};
}

void check(std::string_view input) {
  if (input.empty()) return;
  const std::string_view content = input.substr(1);
  const std::string archive = input.front() == 't' ? gzip(sealed(content)) : std::string(content);
  const Outcome whole = unpack_in_pieces(archive, archive.size() + 1);
  const Outcome pieces = unpack_in_pieces(archive, 7);
  MUST(whole.verdict.empty() == pieces.verdict.empty());
  MUST(whole.content == pieces.content);
}

}  // namespace
}  // namespace mesh::buildpack::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mesh::buildpack::fuzz::check(mesh::buildpack::fuzz::as_text(data, size));
  return 0;
}
