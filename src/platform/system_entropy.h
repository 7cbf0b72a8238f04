#pragma once

#include "platform/entropy.h"

namespace mesh {
inline namespace platform {

// The kernel's random numbers.
class SystemEntropy final : public Entropy {
 public:
  void fill(std::span<std::byte>) override;
};

}  // namespace platform
}  // namespace mesh
