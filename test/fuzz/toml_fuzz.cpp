#include "buildpack/cnb/toml.h"
#include "fuzz/fuzz.h"

// Fuzzes a TOML file: another buildpack's launch.toml, group.toml, the layer's metadata. Checks that a parsed file, written
// and parsed again, is equal.
namespace mesh::buildpack::fuzz {
namespace {

using namespace cnb;

std::size_t depth_of(const TomlTable& table);

// NOLINTNEXTLINE(misc-no-recursion): bounded by what is checked
std::size_t depth_of(const TomlValue& value) {
  std::size_t deepest = 0;
  if (const TomlArray* array = value.array()) {
    for (const TomlValue& one : *array) deepest = std::max(deepest, 1 + depth_of(one));
  }
  if (const TomlTable* table = value.table()) deepest = depth_of(*table);
  if (const std::string* text = value.text()) MUST(text::valid_utf8(*text) == *text);
  return deepest;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by what is checked
std::size_t depth_of(const TomlTable& table) {
  std::size_t deepest = 0;
  for (const TomlMember& member : table.members()) {
    MUST(&member.value == table.find(member.key));
    deepest = std::max(deepest, 1 + depth_of(member.value));
  }
  return deepest;
}

// Returns the input as text.
void check_text(std::string_view input) {
  const std::string written = write_toml(TomlTable().set(input, input));
  const auto read = parse_toml(written);
  MUST(read && read->members().size() == 1);
  MUST(read->members().front().key == text::valid_utf8(input));
  MUST(read->text(text::valid_utf8(input)) == text::valid_utf8(input));
}

void check(std::string_view input) {
  check_text(input);
  const auto table = parse_toml(input);
  if (!table) return;
  MUST(depth_of(*table) <= kMaxTomlDepth);
  const std::string written = write_toml(*table);
  const auto again = parse_toml(written);
  MUST(again);
  MUST(write_toml(*again) == written);
}

}  // namespace
}  // namespace mesh::buildpack::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mesh::buildpack::fuzz::check(mesh::buildpack::fuzz::as_text(data, size));
  return 0;
}
