#include "buildpack/base/fingerprint.h"

#include "common/text.h"

namespace mesh::buildpack {
namespace {

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); }

}  // namespace

std::optional<std::string> parse_fingerprint(std::string_view text) {
  text = text::trim(text);
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  std::string digits;
  for (const char c : text) {
    if (c == ' ' || c == '\t') continue;
    const char digit = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    if (!is_hex(digit)) return std::nullopt;
    digits += digit;
  }
  if (digits.size() != 40 && digits.size() != 64) return std::nullopt;
  return digits;
}

}  // namespace mesh::buildpack
