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
  std::string requested;  // "latest", or the tag that was asked for
  std::string arch;

  bool operator==(const CacheKey&) const = default;
};

// A program in the cache, and what was known of it when it came.
struct CachedBinary {
  CacheKey key;
  std::string version;      // its release's tag; empty where it was not known
  std::string url;          // where it came from, without secrets
  std::string validator;    // the entity tag that its download had, or empty
  Sha256 downloaded;        // digest of the file that was downloaded
  Sha256 sha256;            // of the program
  std::uint64_t bytes;      // of the program
  std::string verified_by;  // as the report's service_mesh_verified_by
  std::string fingerprint;  // of the key, where that is `signature`
};

}  // namespace mesh::buildpack
