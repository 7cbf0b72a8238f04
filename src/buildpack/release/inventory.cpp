#include "buildpack/release/inventory.h"

#include <fmt/format.h>

#include <algorithm>

#include "buildpack/base/fingerprint.h"
#include "common/json.h"

namespace mesh::buildpack {
namespace {

constexpr int kFormat = 1;
constexpr std::size_t kMaxInventoryBytes = 1 << 20;
constexpr std::size_t kMaxKeyBytes = 256 * 1024;

Failure unusable(std::string_view what) { return {Reason::platform_inventory, std::string(what)}; }

std::string_view without_v(std::string_view version) { return version.substr(version.starts_with('v') ? 1 : 0); }

// Reads one inventory file.
class InventoryReader {
 public:
  InventoryReader(Path directory, Files& files) : directory_(std::move(directory)), files_(files) {}

  Result<Inventory> read() {
    const auto text = files_.read(directory_ / "service-mesh.json", kMaxInventoryBytes);
    if (!text) return unusable(text.failure().detail);
    const auto json = parse_json(*text);
    if (!json || member<std::int64_t>(*json, "format") != kFormat) return unusable("service-mesh.json: unsupported format");
    const Json none = Json::object();
    const Json products = json->value("products", none);
    if (!products.is_object()) return unusable("service-mesh.json: products is not an object");
    for (const Product product : {Product::integration, Product::applink}) {
      TRY(read_product(product, products.value(std::string(name(product)), none)));
    }
    return std::move(inventory_);
  }

 private:
  Result<void> read_product(Product product, const Json& json) {
    TRY_ASSIGN(const Json artifacts, list_of(json, "artifacts"));
    for (const Json& artifact : artifacts) TRY(read_artifact(product, artifact));
    TRY_ASSIGN(const Json keys, list_of(json, "signing_keys"));
    for (const Json& key : keys) TRY(read_key(product, key));
    return {};
  }

  static Result<Json> list_of(const Json& json, const char* name) {
    if (!json.is_object()) return unusable("service-mesh.json: a product is not an object");
    Json list = json.value(name, Json::array());
    if (!list.is_array()) return unusable(fmt::format("service-mesh.json: {} is not an array", name));
    return list;
  }

  Result<void> read_artifact(Product product, const Json& json) {
    const auto version = member<std::string>(json, "version");
    const auto arch = member<std::string>(json, "arch");
    const auto sha256 = Sha256::parse(member<std::string>(json, "sha256").value_or(""));
    if (!version || !arch || !sha256)
      return unusable(fmt::format("service-mesh.json: malformed artifact of {}", name(product)));
    inventory_.artifacts.push_back({product, *version, *arch, *sha256});
    return {};
  }

  Result<void> read_key(Product product, const Json& json) {
    auto fingerprint = parse_fingerprint(member<std::string>(json, "fingerprint").value_or(""));
    const Path file = member<std::string>(json, "public_key").value_or("");
    const bool is_inside = !file.empty() && file.is_relative() && std::ranges::find(file, Path("..")) == file.end();
    if (!fingerprint || !is_inside) return unusable(fmt::format("service-mesh.json: malformed key of {}", name(product)));
    auto public_key = files_.read(directory_ / file, kMaxKeyBytes);
    if (!public_key) return unusable(public_key.failure().detail);
    inventory_.signing_keys.push_back({product, *std::move(fingerprint), *std::move(public_key)});
    return {};
  }

  Path directory_;
  Files& files_;
  Inventory inventory_;
};

}  // namespace

std::optional<Sha256> Inventory::digest(Product product, std::string_view version, std::string_view arch) const {
  for (const KnownArtifact& known : artifacts) {
    if (known.product == product && without_v(known.version) == without_v(version) && known.arch == arch)
      return known.sha256;
  }
  return std::nullopt;
}

const KnownArtifact* Inventory::find(Product product, std::string_view arch, const Sha256& sha256) const {
  const auto found = std::ranges::find_if(artifacts, [&](const KnownArtifact& known) {
    return known.product == product && known.arch == arch && known.sha256 == sha256;
  });
  return found == artifacts.end() ? nullptr : &*found;
}

Result<Inventory> read_inventory(const Path& buildpack_directory, Files& files) {
  return InventoryReader(buildpack_directory / "inventory", files).read();
}

}  // namespace mesh::buildpack
