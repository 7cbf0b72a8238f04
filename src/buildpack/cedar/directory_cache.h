#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/base/failure.h"
#include "buildpack/fetch/binary_cache.h"
#include "platform/files.h"

namespace mesh::buildpack {

// The cache of a classic build, below the buildpack's own name in the platform's cache directory:
//
//   CACHE_DIR/heroku-integration-service-mesh/index.json        the table of contents (cache_index.h)
//   CACHE_DIR/heroku-integration-service-mesh/objects/<sha256>  the mesh binaries, at most two
//   CACHE_DIR/heroku-integration-service-mesh/keys/<sha256>     the fingerprint of the signing key first seen at a place;
//                                                               named by the digest of that place
//
// Builds may share the directory: one at a time changes it, and the others keep nothing. Every file is made elsewhere and
// then renamed. Objects are named by their digest, which is computed again before each use. An entry of another type is
// replaced where one of these files belongs. A file in the place of the directory itself may belong to somebody else: then
// nothing is kept.
class DirectoryCache final : public BinaryCache {
 public:
  // Borrows the files. Without a cache directory, nothing is found or kept.
  DirectoryCache(Files& files, const std::optional<Path>& cache_directory);

  bool is_enabled() const override { return directory_.has_value(); }
  std::optional<CachedBinary> find(const CacheKey&) const override;
  Taken take(const CachedBinary&, const Path& path) override;
  void keep(const CachedBinary&, const Path& path) override;
  std::optional<std::string> remembered_key(std::string_view place) const override;
  void remember_key(std::string_view place, std::string_view fingerprint) override;

 private:
  std::vector<CachedBinary> index() const;
  Path object(const CachedBinary& binary) const;
  Path key_file(std::string_view place) const;
  Result<void> make_directory(const Path&);
  Result<void> replace(const Path&, std::string_view content);
  Result<void> store(const CachedBinary&, const Path&);
  void forget(const CachedBinary&);
  void write(std::vector<CachedBinary>);
  void prune(const std::vector<CachedBinary>&);

  Files& files_;
  std::optional<Path> directory_;
};

}  // namespace mesh::buildpack
