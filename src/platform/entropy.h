#pragma once

#include <cstddef>
#include <span>

namespace mesh {

// The seam to chance.
class Entropy {
 public:
  virtual ~Entropy() = default;

  // Fills all of it with bytes that nobody else has: good for names that must not occur twice, not for secrets.
  virtual void fill(std::span<std::byte>) = 0;
};

}  // namespace mesh
