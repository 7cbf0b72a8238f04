#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "buildpack/base/failure.h"
#include "buildpack/cnb/layer.h"
#include "buildpack/fetch/binary_cache.h"
#include "platform/files.h"

namespace mesh::buildpack::cnb {

// The cache of a Cloud Native build: the previous layer, which the lifecycle restored, and the remembered signing keys in
// <layers>/store.toml, which outlives the layer. The metadata decide whether a mesh binary can be reused; its digest is
// computed when it is taken. The store contains a digest of the metadata, so that a mesh binary that was replaced together
// with its digest in the metadata is not used. No function removes a layer.
class LayerCache final : public BinaryCache {
 public:
  // Reads the metadata. Borrows the files.
  LayerCache(Files& files, const Path& layers);

  bool is_enabled() const override { return true; }
  std::optional<CachedBinary> find(const CacheKey&) const override;
  Taken take(const CachedBinary&, const Path& path) override;

  // Does nothing: a mesh binary is kept by its layer, whose metadata `declare` writes.
  void keep(const CachedBinary&, const Path&) override {}

  std::optional<std::string> remembered_key(std::string_view place) const override;
  void remember_key(std::string_view place, std::string_view fingerprint) override;

  // Writes the digest of the layer's metadata to the store, then the metadata (declare_layer). Failures: install::*.
  Result<void> declare(const CachedBinary&, std::string_view buildpack_version);

  // Returns the layer of the earlier build, for any request.
  const EarlierLayer& earlier() const { return earlier_; }

 private:
  bool is_recorded(const CachedBinary&) const;
  Path store_file() const { return layers_ / "store.toml"; }

  Files& files_;
  Path layers_;
  EarlierLayer earlier_;
};

}  // namespace mesh::buildpack::cnb
