#include "buildpack/report/yaml.h"

#include <fmt/format.h>

#include "common/text.h"

namespace mesh::buildpack {
namespace {

constexpr std::size_t kMaxCharacters = 200;

// The code point of a character of valid UTF-8, and its length in bytes.
struct Character {
  char32_t code;
  std::size_t length;
};

Character character_at(std::string_view utf8, std::size_t position) {
  const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(utf8[position + i])); };
  if (byte(0) < 0x80) return {byte(0), 1};
  if (byte(0) < 0xE0) return {(byte(0) & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  if (byte(0) < 0xF0) return {(byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  return {(byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F), 4};
}

// Returns whether YAML treats the character as a line break or as not printable (YAML 1.2.2, production 1; YAML 1.1 breaks
// lines at U+0085, U+2028 and U+2029), or it is the byte order mark. All of these fit into one \u escape. Other planes are
// not escaped, because YAML reads JSON's surrogate pairs as two invalid characters.
bool needs_escape(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x2028 || code == 0x2029 || code == 0xFEFF ||
         code == 0xFFFE || code == 0xFFFF;
}

std::string scalar(const std::string& text) { return quoted(text); }
std::string scalar(std::int64_t number) { return fmt::format("{}", number); }
std::string scalar(double number) { return fmt::format("{:.6f}", number); }
std::string scalar(bool truth) { return truth ? "true" : "false"; }

}  // namespace

std::string quoted(std::string_view bytes) {
  const std::string text = text::clip(text::valid_utf8(bytes), kMaxCharacters);
  std::string result = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const Character character = character_at(text, i);
    if (character.code == '"' || character.code == '\\') {
      result.append("\\").append(1, text[i]);
    } else if (needs_escape(character.code)) {
      result += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(character.code));
    } else {
      result.append(text, i, character.length);
    }
    i += character.length;
  }
  return result + '"';
}

std::string to_yaml(const Mapping& mapping) {
  if (mapping.empty()) return "{}\n";
  std::string result;
  for (const auto& [key, value] : mapping) {
    result += fmt::format("{}: {}\n", key, std::visit([](const auto& plain) { return scalar(plain); }, value));
  }
  return result;
}

}  // namespace mesh::buildpack
