#include "buildpack/fetch/content.h"

#include <string>

#include "common/text.h"

namespace mesh::buildpack {

std::optional<std::string_view> describe_content(std::string_view head) {
  const std::string_view start = text::trim(text::without_byte_order_mark(head));
  if (start.empty()) return "an empty file";
  const std::string lower = text::lower(start);
  if (lower.starts_with("<?xml") || lower.starts_with("<error")) return "an XML document";
  if (lower.starts_with("<")) return "an HTML page";
  if (start.front() == '{' || start.front() == '[') return "a JSON document";
  if (start.starts_with("\x7f"
                        "ELF")) {
    return "an uncompressed executable";  // System V ABI, "ELF Identification"
  }
  if (start.starts_with("PK")) return "a ZIP archive";
  if (start.starts_with("BZh") ||
      start.starts_with("\xFD"
                        "7zXZ") ||
      start.starts_with("\x28\xB5\x2F\xFD")) {
    return "an archive in another format than gzip";  // bzip2, XZ, Zstandard
  }
  if (start.starts_with("version https://git-lfs")) return "a Git LFS pointer";
  if (start.starts_with("#!")) return "a script";
  if (start.starts_with("\x1f\x8b")) return "an archive";  // RFC 1952, section 2.3.1
  return std::nullopt;
}

}  // namespace mesh::buildpack
