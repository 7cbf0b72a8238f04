#pragma once

#include <chrono>

namespace mesh {
inline namespace platform {

using Duration = std::chrono::nanoseconds;

// A moment on a clock that never goes backwards; its zero has no meaning.
using Moment = std::chrono::time_point<std::chrono::steady_clock, Duration>;

// The seam to time.
class Clock {
 public:
  virtual ~Clock() = default;

  virtual Moment now() = 0;

  // Since 1970-01-01T00:00:00Z, leap seconds not counted. May jump: for marking events, not for measuring.
  virtual Duration unix_time() = 0;

  // Waits; ends early when the build is being stopped.
  virtual void sleep(Duration) = 0;

  // A number in [0, 1), for jitter.
  virtual double random_fraction() = 0;
};

}  // namespace platform
}  // namespace mesh
