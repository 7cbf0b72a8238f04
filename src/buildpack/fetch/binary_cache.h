#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "buildpack/fetch/cached_binary.h"
#include "platform/files.h"

namespace mesh::buildpack {

// The seam to the programs of earlier builds. What it gives was digested when it was taken; what cannot be written is not: a
// cache never fails a build.
class BinaryCache {
 public:
  // What came of taking a program from the cache.
  enum class Taken { sound, missing, damaged };

  virtual ~BinaryCache() = default;

  // Whether there is a place to keep anything in.
  virtual bool is_enabled() const = 0;

  virtual std::optional<CachedBinary> find(const CacheKey&) const = 0;

  // Puts the program at `path`, where nothing is yet, and digests what it put there. A damaged one leaves the cache, and
  // `path`.
  virtual Taken take(const CachedBinary&, const Path& path) = 0;

  // Keeps the program at `path` under its key, in the place of the former one, or notes that it was used again.
  virtual void keep(const CachedBinary&, const Path& path) = 0;

  // The signing key that was first seen at a place ("applink https://..."), by its fingerprint.
  virtual std::optional<std::string> remembered_key(std::string_view place) const = 0;
  virtual void remember_key(std::string_view place, std::string_view fingerprint) = 0;
};

}  // namespace mesh::buildpack
