#pragma once

#include "platform/stop_signal.h"

namespace mesh {

// Returns the one of this process, for all tests.
inline const StopSignal& stop_signal() {
  static const StopSignal kStop;
  return kStop;
}

}  // namespace mesh
