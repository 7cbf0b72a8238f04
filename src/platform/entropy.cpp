#include "platform/entropy.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace mesh {
inline namespace platform {

std::string random_id(Entropy& entropy, std::size_t bytes) {
  std::vector<std::byte> random(bytes);
  do entropy.fill(random);
  while (std::ranges::all_of(random, [](std::byte byte) { return byte == std::byte{0}; }));
  std::string id;
  for (const std::byte byte : random) id += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return id;
}

}  // namespace platform
}  // namespace mesh
