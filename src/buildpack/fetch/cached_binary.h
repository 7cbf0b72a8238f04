#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "common/digest.h"
#include "common/text.h"

namespace mesh::buildpack {

// Returns a text from a cache file, which is untrusted input, if it is one printable line; otherwise an empty string. Such
// texts appear in the log, the report and the headers of requests.
inline std::string printable_or_empty(std::string text) {
  constexpr std::size_t kMaxCharacters = 2000;
  return text::printable_line(text, kMaxCharacters) == text ? std::move(text) : std::string();
}

// Identifies a cached binary by its request.
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
