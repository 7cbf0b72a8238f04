#pragma once

#include <vector>

#include "platform/clock.h"

namespace mesh {

// Time that passes only when a test says so, or when the code under test waits.
class ManualClock final : public Clock {
 public:
  Moment now() override { return now_; }

  Duration unix_time() override { return now_ - Moment(std::chrono::hours(7)) + kUnixStart; }

  void sleep(Duration duration) override {
    sleeps_.push_back(duration);
    now_ += duration;
  }

  double random_fraction() override { return fraction_; }

  void advance(Duration duration) { now_ += duration; }
  void set_random_fraction(double fraction) { fraction_ = fraction; }

  // The unix time at which such a clock starts: 2025-10-09T08:53:20Z.
  static constexpr Duration kUnixStart = std::chrono::seconds(1'760'000'000);

  // Every wait so far, in order.
  const std::vector<Duration>& sleeps() const { return sleeps_; }

 private:
  Moment now_{std::chrono::hours(7)};  // anything but zero, which has no meaning
  double fraction_ = 0;
  std::vector<Duration> sleeps_;
};

}  // namespace mesh
