#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "install/cache_index.h"
#include "platform/files.h"

namespace mesh {

// Programs of earlier builds, below the buildpack's own name in the cache directory:
//
//   CACHE_DIR/heroku-integration-service-mesh/index.json        what is there (cache_index.h)
//   CACHE_DIR/heroku-integration-service-mesh/objects/<sha256>  the programs, at most two
//   CACHE_DIR/heroku-integration-service-mesh/keys/<sha256>     the fingerprint of the signing key first seen at a place,
//                                                               named by the digest of that place
//
// Builds that share the directory do not harm each other: one at a time changes what is kept, and the others go without;
// every file is made elsewhere and then renamed, objects are named by their content, and their content is digested before it
// is used. What cannot be written is not: a cache never fails a build.
class BinaryCache {
 public:
  // What came of taking a program from the cache.
  enum class Taken { sound, missing, damaged };

  // Borrows the files. Without a cache directory nothing is ever found or kept.
  BinaryCache(Files& files, const std::optional<Path>& cache_directory);

  bool is_enabled() const { return directory_.has_value(); }

  std::optional<CachedBinary> find(const CacheKey&) const;

  // Puts the program at `path`, where nothing is yet, and digests what it put there. A damaged one leaves the cache, and
  // `path`.
  Taken take(const CachedBinary&, const Path& path);

  // Keeps the program at `path` under its key, in the place of the former one, or notes that it was used again.
  void keep(const CachedBinary&, const Path& path);

  // The signing key that was first seen at a place ("applink https://..."), by its fingerprint.
  std::optional<std::string> remembered_key(std::string_view place) const;
  void remember_key(std::string_view place, std::string_view fingerprint);

 private:
  std::vector<CachedBinary> index() const;
  Path object(const CachedBinary& binary) const;
  Path key_file(std::string_view place) const;
  Result<void> store(const CachedBinary&, const Path&);
  void forget(const CachedBinary&);
  void write(std::vector<CachedBinary>);
  void prune(const std::vector<CachedBinary>&);

  Files& files_;
  std::optional<Path> directory_;
};

}  // namespace mesh
