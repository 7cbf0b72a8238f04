#pragma once

#include "platform/entropy.h"

namespace mesh {

// Chance that gives the bytes 1, 2, 3 ... in this order, or nothing but zeros for as long as a test says so.
class CountingEntropy final : public Entropy {
 public:
  void fill(std::span<std::byte> bytes) override {
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(zeros_ > 0 ? 0 : ++last_);
    if (zeros_ > 0) --zeros_;
  }

  // The next fillings are nothing but zeros, so many of them.
  void give_zeros(int times) { zeros_ = times; }

 private:
  unsigned last_ = 0;
  int zeros_ = 0;
};

}  // namespace mesh
