#pragma once

#include <algorithm>
#include <string>

#include "platform/byte_source.h"

namespace mesh {

// Gives text in pieces, as it would come from a file.
inline ByteSource source_of(std::string text, std::size_t piece = 1000) {
  return [text = std::move(text), piece,
          offset = std::size_t{0}](std::span<std::byte> buffer) mutable -> Result<std::optional<std::size_t>> {
    const std::size_t count = std::min({buffer.size(), piece, text.size() - offset});
    std::ranges::copy(std::as_bytes(std::span(text)).subspan(offset, count), buffer.begin());
    offset += count;
    return std::optional(count);
  };
}

}  // namespace mesh
