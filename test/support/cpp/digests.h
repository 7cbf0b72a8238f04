#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/digest.h"

namespace mesh {

// The SHA-256 of a text, in hexadecimal digits.
inline std::string digest_of(std::string_view content) {
  Sha256Stream stream;
  stream.add(std::as_bytes(std::span(content)));
  return stream.finish().hex();
}

}  // namespace mesh
