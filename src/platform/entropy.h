#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace mesh {
inline namespace platform {

// Interface to the random number generator.
class Entropy {
 public:
  virtual ~Entropy() = default;

  // Fills the buffer with random bytes, for unique names but not for secrets.
  virtual void fill(std::span<std::byte>) = 0;
};

// Returns a random id of this many bytes in lower-case hexadecimal. It is never all zeros, which means a missing id.
std::string random_id(Entropy&, std::size_t bytes);

}  // namespace platform
}  // namespace mesh
