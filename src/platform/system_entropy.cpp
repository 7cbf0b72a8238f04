#include "platform/system_entropy.h"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <random>

namespace mesh {
inline namespace platform {
namespace {

// Fills the buffer if the kernel or a sandbox provides no random numbers. Time and process id are practically unique.
void fill_from_the_clock(std::span<std::byte> bytes) {
  const auto now = static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  std::mt19937_64 numbers(now ^ static_cast<std::uint64_t>(::getpid()) << 40);
  std::ranges::generate(bytes, [&] { return static_cast<std::byte>(numbers()); });
}

}  // namespace

void SystemEntropy::fill(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::getrandom(bytes.data(), bytes.size(), GRND_NONBLOCK);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fill_from_the_clock(bytes);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace platform
}  // namespace mesh
