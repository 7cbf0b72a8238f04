#include "buildpack/cnb/layer_cache.h"

#include "buildpack/base/fingerprint.h"
#include "buildpack/cnb/toml.h"
#include "buildpack/verify/digest_file.h"

namespace mesh::buildpack::cnb {
namespace {

// Keys in the store's metadata.
constexpr std::string_view kKeys = "signing_keys";         // a table of fingerprints by place
constexpr std::string_view kLayerDigest = "layer_sha256";  // the digest of the layer's metadata

constexpr std::size_t kMaxStoreBytes = std::size_t{1} << 30;

// Returns nullopt if reading failed for a reason that may be transient. Returns an empty table for a store that the
// lifecycle would reject: not a file, unreadable or malformed.
std::optional<TomlTable> read_store(const Path& file, Files& files) {
  if (files.kind(file) != FileKind::file) return TomlTable();
  const auto text = files.read(file, kMaxStoreBytes);
  if (text) return parse_toml(*text, kMaxStoreBytes).value_or(TomlTable());
  return text.failure().kind == ErrorKind::permission_denied ? std::optional(TomlTable()) : std::nullopt;
}

Result<void> write_store(const Path& file, const TomlTable& store, Files& files) {
  if (files.kind(file) == FileKind::directory) TRY(files.remove(file));
  return files.replace(file, write_toml(store));
}

TomlTable member_table(const TomlTable& table, std::string_view key) {
  const TomlTable* member = table.table(key);
  return member == nullptr ? TomlTable() : *member;
}

std::string digest_of(const CachedBinary& binary) {
  const std::string text = layer_toml(binary, "");
  Sha256Stream sha256;
  sha256.add(std::as_bytes(std::span(text)));
  return sha256.finish().hex();
}

}  // namespace

LayerCache::LayerCache(Files& files, const Path& layers) : files_(files), layers_(layers) {
  const Path metadata = layer_metadata_file(layers);
  if (files_.kind(metadata) == FileKind::missing) return;
  const auto text = files_.read(metadata, kMaxTomlBytes);
  earlier_ = parse_layer(text ? *text : "?");
  if (earlier_.binary && !is_recorded(*earlier_.binary)) {
    earlier_ = {.remark = "The metadata of the mesh's layer differ from their digest in store.toml."};
  }
}

std::optional<CachedBinary> LayerCache::find(const CacheKey& key) const {
  if (!earlier_.binary || earlier_.binary->key != key) return std::nullopt;
  return earlier_.binary;
}

BinaryCache::Taken LayerCache::take(const CachedBinary& binary, const Path& path) {
  const auto product = parse_product(binary.key.product);
  const Path there = layers_ / kLayer / "bin" / program(product.value_or(Product::integration));
  if (files_.kind(there) != FileKind::file) return Taken::missing;
  if (files_.duplicate(there, path)) {
    const auto digested = digest_file(path, files_);
    if (digested && digested->sha256 == binary.sha256) return Taken::intact;
  }
  static_cast<void>(files_.remove(path));
  return Taken::corrupt;
}

bool LayerCache::is_recorded(const CachedBinary& binary) const {
  const auto store = read_store(store_file(), files_);
  return member_table(store.value_or(TomlTable()), "metadata").text(kLayerDigest) == digest_of(binary);
}

std::optional<std::string> LayerCache::remembered_key(std::string_view place) const {
  const auto store = read_store(store_file(), files_);
  const TomlTable keys = member_table(member_table(store.value_or(TomlTable()), "metadata"), kKeys);
  const auto fingerprint = keys.text(place);
  return fingerprint ? parse_fingerprint(*fingerprint) : std::nullopt;
}

void LayerCache::remember_key(std::string_view place, std::string_view fingerprint) {
  auto store = read_store(store_file(), files_);
  if (!store) return;  // its other content would be lost
  TomlTable metadata = member_table(*store, "metadata");
  TomlTable keys = member_table(metadata, kKeys);
  keys.set(place, fingerprint);
  metadata.set(kKeys, std::move(keys));
  store->set("metadata", std::move(metadata));
  static_cast<void>(write_store(store_file(), *store, files_));
}

Result<void> LayerCache::declare(const CachedBinary& binary, std::string_view buildpack_version) {
  if (auto store = read_store(store_file(), files_)) {
    TomlTable metadata = member_table(*store, "metadata");
    metadata.set(kLayerDigest, digest_of(binary));
    store->set("metadata", std::move(metadata));
    TRY(write_store(store_file(), *store, files_));
  }
  return declare_layer(binary, layers_, buildpack_version, files_);
}

}  // namespace mesh::buildpack::cnb
