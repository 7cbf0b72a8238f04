#include "buildpack/cnb/layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "buildpack/cnb/toml.h"
#include "buildpack/install/layout.h"
#include "common/text.h"

namespace mesh::buildpack::cnb {
namespace {

constexpr std::string_view kSchema = "1";
constexpr std::size_t kMaxText = 2048;  // characters; addresses are the longest

// Our own numbers are written as text. A float is a number of another buildpack that passed through a label.
std::optional<std::uint64_t> whole_number(const TomlTable& table, std::string_view key) {
  if (const auto text = table.text(key)) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error == std::errc() && end == text->data() + text->size()) return value;
    return std::nullopt;
  }
  const auto number = table.number(key);
  if (!number || !(*number >= 0) || *number > 9e15 || *number != std::floor(*number)) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

bool is_plain(const std::string& text) { return text::printable_line(text, kMaxText) == text; }

bool is_sound(const TomlTable& metadata) {
  const auto is_plain_member = [](const TomlMember& member) {
    const std::string* text = member.value.text();
    return text == nullptr || is_plain(*text);
  };
  const bool names_a_path = metadata.text("version").value_or("").find('/') != std::string::npos;
  return !names_a_path && std::ranges::all_of(metadata.members(), is_plain_member);
}

std::optional<CachedBinary> parse_binary(const TomlTable& metadata) {
  if (!is_sound(metadata)) return std::nullopt;
  const auto text = [&](std::string_view key) { return metadata.text(key).value_or(""); };
  const auto sha256 = Sha256::parse(text("sha256"));
  const auto downloaded = Sha256::parse(text("downloaded_sha256"));
  const auto bytes = whole_number(metadata, "bytes");
  if (!sha256 || !downloaded || !bytes || *bytes == 0) return std::nullopt;
  return CachedBinary{.key = {text("product"), text("source"), text("requested"), text("arch")},
                      .version = text("version"),
                      .url = text("url"),
                      .validator = text("etag"),
                      .downloaded = *downloaded,
                      .sha256 = *sha256,
                      .bytes = *bytes,
                      .verified_by = text("verified_by"),
                      .fingerprint = text("key_fingerprint")};
}

// Writes the file to each exec.d/<type>, which the launcher runs before a process of that type starts.
Result<void> write_run_check(const NewLayer& layer, const Path& directory, Files& files) {
  for (const std::string& type : layer.checked) {
    TRY(files.make_directories(directory / type));
    const Path file = directory / type / layer.run_check_name;
    TRY(files.replace(file, layer.run_check));
    TRY(files.set_mode(file, 0755));
  }
  return {};
}

}  // namespace

Path layer_metadata_file(const Path& layers) { return layers / fmt::format("{}.toml", kLayer); }

std::string layer_toml(const CachedBinary& binary, std::string_view buildpack_version) {
  TomlTable metadata;
  metadata.set("schema", kSchema)
      .set("buildpack_version", buildpack_version)
      .set("product", binary.key.product)
      .set("arch", binary.key.arch)
      .set("version", binary.version)
      .set("requested", binary.key.requested)
      .set("source", binary.key.source)
      .set("url", binary.url)
      .set("etag", binary.validator)
      .set("sha256", binary.sha256.hex())
      .set("downloaded_sha256", binary.downloaded.hex())
      .set("bytes", std::to_string(binary.bytes))
      .set("verified_by", binary.verified_by)
      .set("key_fingerprint", binary.fingerprint);
  TomlTable types;
  types.set("launch", true).set("build", false).set("cache", true);
  TomlTable layer;
  layer.set("types", std::move(types)).set("metadata", std::move(metadata));
  return write_toml(layer);
}

EarlierLayer parse_layer(std::string_view toml) {
  const auto layer = parse_toml(toml);
  if (!layer) return {.remark = "The metadata of the mesh's layer cannot be read."};
  const TomlTable* metadata = layer->table("metadata");
  if (metadata == nullptr || metadata->empty()) return {};
  if (metadata->find("schema") == nullptr) {
    return {.remark = metadata->find("etag") != nullptr || metadata->find("version") != nullptr
                          ? "The mesh's layer is that of another buildpack, whose program cannot be checked."
                          : "The metadata of the mesh's layer are not understood."};
  }
  const auto schema = whole_number(*metadata, "schema");
  if (!schema || std::to_string(*schema) != kSchema) {
    return {.remark = "The mesh's layer is that of another version of this buildpack."};
  }
  auto binary = parse_binary(*metadata);
  if (!binary) return {.remark = "The metadata of the mesh's layer are incomplete."};
  return {.binary = std::move(binary)};
}

Result<void> write_layer(const NewLayer& layer, const Path& layers, const Path& staging, Files& files) {
  const Path whole = staging / "layer";
  TRY(files.make_directories(whole / "bin"));
  TRY(files.set_mode(layer.program, 0755));
  TRY(files.rename(layer.program, whole / "bin" / program(layer.product)));
  for (const std::string& alias : layer.aliases) TRY(files.make_link(whole / "bin" / alias, program(layer.product)));
  if (!layer.run_check.empty()) TRY(write_run_check(layer, whole / "exec.d", files));
  TRY(files.remove(layer_metadata_file(layers)));
  const Path place = layers / kLayer;
  if (files.kind(place) != FileKind::directory) {
    TRY(files.remove(place));
    return files.rename(whole, place);
  }
  // Renames within one directory, because a read-only directory cannot be moved into another one.
  TRY_ASSIGN(const TemporaryDirectory previous, TemporaryDirectory::make(files, layers, kStagingPrefix));
  files.remove_empty_directory(previous.path());
  TRY(files.rename(place, previous.path()));
  return files.rename(whole, place);
}

Result<void> declare_layer(const CachedBinary& binary, const Path& layers, std::string_view buildpack_version,
                           Files& files) {
  return files.replace(layer_metadata_file(layers), layer_toml(binary, buildpack_version));
}

}  // namespace mesh::buildpack::cnb
