#include "buildpack/cedar/cache_index.h"

#include "common/json.h"

namespace mesh::buildpack {
namespace {

constexpr int kFormat = 1;

std::optional<CachedBinary> parse_entry(const Json& json) {
  const auto text = [&](std::string_view key) { return printable_or_empty(member<std::string>(json, key).value_or("")); };
  const auto downloaded = Sha256::parse(text("downloaded_sha256"));
  const auto sha256 = Sha256::parse(text("sha256"));
  const auto bytes = member<std::int64_t>(json, "bytes");
  if (!downloaded || !sha256 || !bytes || *bytes <= 0) return std::nullopt;
  return CachedBinary{.key = {text("product"), text("source"), text("requested"), text("arch")},
                      .version = text("version"),
                      .url = text("url"),
                      .validator = text("etag"),
                      .downloaded = *downloaded,
                      .sha256 = *sha256,
                      .bytes = static_cast<std::uint64_t>(*bytes),
                      .verified_by = text("verified_by"),
                      .fingerprint = text("fingerprint")};
}

Json to_json(const CachedBinary& binary) {
  return {{"product", binary.key.product},     {"source", binary.key.source},
          {"requested", binary.key.requested}, {"arch", binary.key.arch},
          {"version", binary.version},         {"url", binary.url},
          {"etag", binary.validator},          {"downloaded_sha256", binary.downloaded.hex()},
          {"sha256", binary.sha256.hex()},     {"bytes", binary.bytes},
          {"verified_by", binary.verified_by}, {"fingerprint", binary.fingerprint}};
}

}  // namespace

std::vector<CachedBinary> parse_cache_index(std::string_view text) {
  std::vector<CachedBinary> binaries;
  const auto json = parse_json(text);
  if (!json || member<std::int64_t>(*json, "format") != kFormat) return binaries;
  const auto list = json->find("binaries");
  if (list == json->end() || !list->is_array()) return binaries;
  for (const Json& entry : *list) {
    if (auto binary = parse_entry(entry)) binaries.push_back(*std::move(binary));
  }
  return binaries;
}

std::string serialize(const std::vector<CachedBinary>& binaries) {
  Json list = Json::array();
  for (const CachedBinary& binary : binaries) list.push_back(to_json(binary));
  return write_json({{"format", kFormat}, {"binaries", std::move(list)}});
}

}  // namespace mesh::buildpack
