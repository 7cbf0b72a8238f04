#include "buildpack/verify/signed_message.h"

#include <limits>

namespace mesh::buildpack {
namespace {

constexpr unsigned kSignature = 2;  // packet tags: RFC 4880, section 4.3
constexpr unsigned kLiteralData = 11;

unsigned byte(std::string_view bytes, std::size_t index) { return static_cast<unsigned char>(bytes[index]); }

std::size_t big_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

struct PacketHead {
  unsigned tag;
  std::size_t head_bytes;
  std::size_t body_bytes;
};

// Reads a header in the old format (section 4.2.1) with a known length.
std::optional<PacketHead> read_old_head(std::string_view bytes) {
  const unsigned length_type = byte(bytes, 0) & 3;
  const std::size_t length_bytes = std::size_t{1} << length_type;
  if (length_type == 3 || bytes.size() < 1 + length_bytes) return std::nullopt;
  return PacketHead{byte(bytes, 0) >> 2 & 0xF, 1 + length_bytes, big_endian(bytes.substr(1, length_bytes))};
}

// Reads a header in the new format (section 4.2.2) without partial lengths.
std::optional<PacketHead> read_new_head(std::string_view bytes) {
  const unsigned tag = byte(bytes, 0) & 0x3F;
  if (bytes.size() < 2) return std::nullopt;
  const unsigned first = byte(bytes, 1);
  if (first < 192) return PacketHead{tag, 2, first};
  if (first < 224 && bytes.size() >= 3) return PacketHead{tag, 3, (first - 192) * 256 + byte(bytes, 2) + 192};
  if (first == 255 && bytes.size() >= 6) return PacketHead{tag, 6, big_endian(bytes.substr(2, 4))};
  return std::nullopt;
}

std::optional<PacketHead> read_head(std::string_view bytes) {
  if ((byte(bytes, 0) & 0x80) == 0) return std::nullopt;
  return (byte(bytes, 0) & 0x40) != 0 ? read_new_head(bytes) : read_old_head(bytes);
}

// Returns whether the input is one signature packet of version 4 and type 0x00, a binary document (sections 5.2.3
// and 5.2.1).
bool is_signature_of_a_document(std::string_view packets) {
  const auto head = packets.empty() ? std::nullopt : read_head(packets);
  if (!head || head->tag != kSignature || packets.size() - head->head_bytes != head->body_bytes) return false;
  return packets.substr(head->head_bytes).starts_with(std::string_view("\4\0", 2));
}

}  // namespace

bool contains_only_signatures(std::string_view packets) {
  if (packets.empty()) return false;
  while (!packets.empty()) {
    const auto head = read_head(packets);
    if (!head || head->tag != kSignature || packets.size() - head->head_bytes < head->body_bytes) return false;
    packets.remove_prefix(head->head_bytes + head->body_bytes);
  }
  return true;
}

std::optional<std::string> signed_message_head(std::string_view signature, std::uint64_t content_bytes) {
  constexpr std::string_view kAbout("b\0\0\0\0\0", 6);  // binary; no file name; no date (section 5.9)
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max() - kAbout.size();
  if (content_bytes > kMost || !is_signature_of_a_document(signature)) return std::nullopt;
  const std::uint64_t length = kAbout.size() + content_bytes;
  std::string head(signature);
  head += static_cast<char>(0xC0 | kLiteralData);
  head += '\xFF';  // a length of four octets follows
  for (int shift = 24; shift >= 0; shift -= 8) head += static_cast<char>(length >> shift & 0xFF);
  return head.append(kAbout);
}

}  // namespace mesh::buildpack
