#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "buildpack/base/failure.h"
#include "buildpack/cnb/layer.h"
#include "buildpack/fetch/binary_cache.h"
#include "platform/files.h"

namespace mesh::buildpack::cnb {

// The cache of a Cloud Native build: the layer of the build before it, as the lifecycle restored it, and what is remembered
// of signing keys in <layers>/store.toml, which outlives the layer. Whether a program can be used again is decided by
// comparing metadata; it is digested when it is taken. The store contains a digest of the metadata, so that a program
// that was replaced together with its digest in the metadata is not used. Nothing here removes a layer.
class LayerCache final : public BinaryCache {
 public:
  // Reads the metadata. Borrows the files.
  LayerCache(Files& files, const Path& layers);

  bool is_enabled() const override { return true; }
  std::optional<CachedBinary> find(const CacheKey&) const override;
  Taken take(const CachedBinary&, const Path& path) override;

  // A program is kept by being in the layer, whose metadata are written with it (declare).
  void keep(const CachedBinary&, const Path&) override {}

  std::optional<std::string> remembered_key(std::string_view place) const override;
  void remember_key(std::string_view place, std::string_view fingerprint) override;

  // Writes the digest of the layer's metadata to the store, then the metadata (declare_layer). Failures: install::*.
  Result<void> declare(const CachedBinary&, std::string_view buildpack_version);

  // What the earlier build had, whatever it answers to.
  const EarlierLayer& earlier() const { return earlier_; }

 private:
  bool is_recorded(const CachedBinary&) const;
  Path store_file() const { return layers_ / "store.toml"; }

  Files& files_;
  Path layers_;
  EarlierLayer earlier_;
};

}  // namespace mesh::buildpack::cnb
