#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "buildpack/fetch/cached_binary.h"
#include "platform/files.h"

namespace mesh::buildpack {

// Interface to the mesh binaries of earlier builds. It verifies the digest of each binary that it returns. It ignores write
// errors: a cache never fails a build.
class BinaryCache {
 public:
  // The result of taking a binary from the cache.
  enum class Taken { intact, missing, corrupt };

  virtual ~BinaryCache() = default;

  // Returns whether the build has a cache directory.
  virtual bool is_enabled() const = 0;

  virtual std::optional<CachedBinary> find(const CacheKey&) const = 0;

  // Copies the binary to `path`, which does not exist yet, and verifies the digest of the copy. Removes a corrupt binary
  // from the cache and from `path`.
  virtual Taken take(const CachedBinary&, const Path& path) = 0;

  // Stores the binary at `path` under its key in place of the previous one, or records its reuse.
  virtual void keep(const CachedBinary&, const Path& path) = 0;

  // Returns the fingerprint of the signing key that was first seen at a place ("applink https://...").
  virtual std::optional<std::string> remembered_key(std::string_view place) const = 0;
  virtual void remember_key(std::string_view place, std::string_view fingerprint) = 0;
};

}  // namespace mesh::buildpack
