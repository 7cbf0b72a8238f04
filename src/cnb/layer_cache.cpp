#include "cnb/layer_cache.h"

#include "base/fingerprint.h"
#include "cnb/toml.h"
#include "install/digest_file.h"

namespace mesh::cnb {
namespace {

constexpr std::string_view kKeys = "signing_keys";  // a table in the store's metadata: by place, the fingerprint

// Nothing when it cannot be read. What is no TOML holds nothing: the lifecycle would refuse it.
std::optional<TomlTable> read_table(const Path& file, Files& files) {
  if (files.kind(file) == FileKind::missing) return TomlTable();
  const auto text = files.read(file, kMaxTomlBytes);
  if (!text) return std::nullopt;
  return parse_toml(*text).value_or(TomlTable());
}

TomlTable member_table(const TomlTable& table, std::string_view key) {
  const TomlTable* member = table.table(key);
  return member == nullptr ? TomlTable() : *member;
}

}  // namespace

LayerCache::LayerCache(Files& files, const Path& layers) : files_(files), layers_(layers) {
  const Path metadata = layer_metadata_file(layers);
  if (files_.kind(metadata) == FileKind::missing) return;
  const auto text = files_.read(metadata, kMaxTomlBytes);
  earlier_ = parse_layer(text ? *text : "?");
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
    if (digested && digested->sha256 == binary.sha256) return Taken::sound;
  }
  static_cast<void>(files_.remove(path));
  return Taken::damaged;
}

std::optional<std::string> LayerCache::remembered_key(std::string_view place) const {
  const auto store = read_table(store_file(), files_);
  const TomlTable keys = member_table(member_table(store.value_or(TomlTable()), "metadata"), kKeys);
  const auto fingerprint = keys.text(place);
  return fingerprint ? parse_fingerprint(*fingerprint) : std::nullopt;
}

void LayerCache::remember_key(std::string_view place, std::string_view fingerprint) {
  auto store = read_table(store_file(), files_);
  if (!store) return;  // what else it holds would be lost
  TomlTable metadata = member_table(*store, "metadata");
  TomlTable keys = member_table(metadata, kKeys);
  keys.set(place, fingerprint);
  metadata.set(kKeys, std::move(keys));
  store->set("metadata", std::move(metadata));
  static_cast<void>(files_.replace(store_file(), write_toml(*store)));
}

}  // namespace mesh::cnb
