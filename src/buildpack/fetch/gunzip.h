#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "buildpack/fetch/limits.h"
#include "common/result.h"
#include "platform/byte_source.h"

namespace mesh::buildpack {

// One gzip member (RFC 1952), unpacked as it is read, within limits. Its checksum and length are checked, and nothing may
// follow it.
class Gunzip {
 public:
  Gunzip(ByteSource source, const ArchiveLimits& limits);
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  // The next unpacked bytes, valid until the next call; empty at the sound end. Failures: archive::corrupt,
  // archive::too-large, archive::unexpected-member (something follows the member), and the source's; build::interrupted when
  // the source gave nothing.
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
