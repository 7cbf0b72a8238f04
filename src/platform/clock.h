#pragma once

#include <chrono>

namespace mesh {
inline namespace platform {

using Duration = std::chrono::nanoseconds;

// A moment on a clock that never goes backwards; its zero has no meaning.
using Moment = std::chrono::time_point<std::chrono::steady_clock, Duration>;

// Interface to time.
class Clock {
 public:
  virtual ~Clock() = default;

  virtual Moment now() = 0;

  // Since 1970-01-01T00:00:00Z, leap seconds not counted. May jump: for marking events, not for measuring.
  virtual Duration unix_time() = 0;

  // Waits; ends early when the process is asked to stop.
  virtual void sleep(Duration) = 0;

  // Returns a number in [0, 1), for jitter.
  virtual double random_fraction() = 0;
};

}  // namespace platform
}  // namespace mesh
