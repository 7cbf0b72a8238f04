#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "buildpack/base/failure.h"
#include "platform/byte_source.h"

namespace mesh::buildpack {

// The limits of an archive. A release of the service mesh is about 5 MB packed and 12 MB unpacked.
struct ArchiveLimits {
  std::uint64_t packed_bytes = 64ull << 20;
  std::uint64_t unpacked_bytes = 256ull << 20;
  std::uint64_t ratio = 200;  // unpacked to packed, checked after `ratio_free_bytes`
  std::uint64_t ratio_free_bytes = 1ull << 20;
  int entries = 64;
};

// Decompresses one gzip member (RFC 1952) while it is read, within limits. Verifies its checksum and length, and rejects
// data after it.
class Gunzip {
 public:
  Gunzip(ByteSource source, const ArchiveLimits& limits);
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  // Returns the next unpacked bytes, valid until the next call; empty at the end. Failures: archive::corrupt,
  // archive::too-large, archive::unexpected-member (data after the member), those of the source, and build::interrupted if
  // the source returns nullopt.
  Result<std::span<const std::byte>> next();

 private:
  struct Stream;

  Result<bool> refill();
  Result<void> check_limits() const;
  Result<void> check_end();

  ByteSource source_;
  ArchiveLimits limits_;
  std::unique_ptr<Stream> stream_;
  std::vector<std::byte> packed_;
  std::vector<std::byte> unpacked_;
  std::uint64_t packed_total_ = 0;
  std::uint64_t unpacked_total_ = 0;
  bool ended_ = false;
};

}  // namespace mesh::buildpack
