#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "common/digest.h"
#include "common/text.h"

namespace mesh::buildpack {

// What a cache's file says, which others may have written, for one of the texts below: empty unless it is one line that can
// be printed as it is. They go into the log, the report and the headers of requests.
inline std::string told_plainly(std::string told) {
  constexpr std::size_t kMaxCharacters = 2000;
  return text::printable_line(told, kMaxCharacters) == told ? std::move(told) : std::string();
}

// What a cached program answers to: the same question gets the same answer.
struct CacheKey {
  std::string product;    // "applink"
  std::string source;     // Source::identity
  std::string requested;  // "latest", or the requested tag
  std::string arch;

  bool operator==(const CacheKey&) const = default;
};

// A mesh binary in the cache, with the facts of its download.
struct CachedBinary {
  CacheKey key;
  std::string version;      // the release's tag; empty if unknown
  std::string url;          // the origin, without secrets
  std::string validator;    // the entity tag of the download, or empty
  Sha256 downloaded;        // digest of the downloaded file
  Sha256 sha256;            // of the binary
  std::uint64_t bytes;      // of the binary
  std::string verified_by;  // as the report's service_mesh_verified_by
  std::string fingerprint;  // of the key if verified_by is `signature`
};

}  // namespace mesh::buildpack
