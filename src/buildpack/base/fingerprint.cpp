#include "buildpack/base/fingerprint.h"

#include "common/text.h"

namespace mesh::buildpack {
std::optional<std::string> parse_fingerprint(std::string_view text) {
  text = text::trim(text);
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  std::string digits;
  for (const char c : text) {
    if (c == ' ' || c == '\t') continue;
    const auto value = text::hex_value(c);
    if (!value) return std::nullopt;
    digits += "0123456789ABCDEF"[*value];
  }
  if (digits.size() != 40 && digits.size() != 64) return std::nullopt;
  return digits;
}

}  // namespace mesh::buildpack
