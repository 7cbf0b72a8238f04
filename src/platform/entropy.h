#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace mesh {
inline namespace platform {

// The seam to chance.
class Entropy {
 public:
  virtual ~Entropy() = default;

  // Fills all of it with bytes that nobody else has: good for names that must not occur twice, not for secrets.
  virtual void fill(std::span<std::byte>) = 0;
};

// Returns a random id of this many bytes in lower-case hexadecimal. It is never all zeros, which means a missing id.
std::string random_id(Entropy&, std::size_t bytes);

}  // namespace platform
}  // namespace mesh
