#pragma once

#include "platform/clock.h"
#include "platform/stop_signal.h"

namespace mesh {
inline namespace platform {

// Real time. Borrows the signal.
class SystemClock final : public Clock {
 public:
  explicit SystemClock(const StopSignal& stop) : stop_(stop) {}

  Moment now() override;
  Duration unix_time() override;
  void sleep(Duration) override;
  double random_fraction() override;

 private:
  const StopSignal& stop_;
};

}  // namespace platform
}  // namespace mesh
