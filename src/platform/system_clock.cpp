#include "platform/system_clock.h"

namespace mesh {
inline namespace platform {

Moment SystemClock::now() { return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now()); }

Duration SystemClock::unix_time() { return std::chrono::system_clock::now().time_since_epoch(); }

void SystemClock::sleep(Duration duration) { stop_.wait(duration); }

double SystemClock::random_fraction() {
  // Jitter needs no quality: the clock's nanoseconds spread builds well enough.
  constexpr long kSteps = 1'000'000;
  return static_cast<double>(now().time_since_epoch().count() % kSteps) / kSteps;
}

}  // namespace platform
}  // namespace mesh
