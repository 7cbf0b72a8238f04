#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>

#include "common/result.h"

namespace mesh {
inline namespace platform {

// Gives bytes in their order, after waiting for them if need be: how many were put into the buffer, 0 at the end. Nothing:
// stop, there is no point in going on.
using ByteSource = std::function<Result<std::optional<std::size_t>>(std::span<std::byte> buffer)>;

// Takes bytes in their order.
using ByteSink = std::function<Result<void>(std::span<const std::byte>)>;

}  // namespace platform
}  // namespace mesh
