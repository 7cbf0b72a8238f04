#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>

#include "common/result.h"

namespace mesh {
inline namespace platform {

// Reads the next bytes into the buffer, and waits for them if necessary. Returns their number, 0 at the end, or nullopt if
// the reader must stop.
using ByteSource = std::function<Result<std::optional<std::size_t>>(std::span<std::byte> buffer)>;

// Receives the next bytes.
using ByteSink = std::function<Result<void>(std::span<const std::byte>)>;

}  // namespace platform
}  // namespace mesh
