#include "buildpack/verify/digest_file.h"

namespace mesh::buildpack {
namespace {

constexpr std::size_t kChunk = 256 * 1024;

}  // namespace

Result<DigestedFile> digest_file(const Path& path, Files& files) {
  TRY_ASSIGN(const auto file, files.open(path));
  std::vector<std::byte> buffer(kChunk);
  Sha256Stream sha256;
  for (std::uint64_t offset = 0;;) {
    TRY_ASSIGN(const std::size_t count, file->read_at(offset, buffer));
    if (count == 0) return DigestedFile{offset, sha256.finish()};
    sha256.add(std::span(buffer).first(count));
    offset += count;
  }
}

}  // namespace mesh::buildpack
