#pragma once

#include <cstdint>

namespace mesh::buildpack {

// What an archive may at most be. A release of the service mesh is about 5 MB packed and 12 MB unpacked.
struct ArchiveLimits {
  std::uint64_t packed_bytes = 64ull << 20;
  std::uint64_t unpacked_bytes = 256ull << 20;
  std::uint64_t ratio = 200;  // unpacked to packed, once more than `ratio_free_bytes` came out
  std::uint64_t ratio_free_bytes = 1ull << 20;
  int entries = 64;
};

}  // namespace mesh::buildpack
