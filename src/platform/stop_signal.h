#pragma once

#include "platform/clock.h"

namespace mesh {
inline namespace platform {

// SIGTERM, SIGINT and SIGHUP, turned into something that waiting code can look at, so that a stopped process unwinds: it
// removes its temporary files and completes what it writes. A second signal ends the process at once, should it hang. One
// per process; made before any thread is started.
class StopSignal {
 public:
  // Installs the handlers, and ignores SIGPIPE, for a closed log does not end the work, and SIGXFSZ: a file that may not
  // grow further is a failure to write like others.
  StopSignal();
  ~StopSignal() = default;
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  bool requested() const;

  // Becomes readable, and stays so, once a signal has come. Owned by this object.
  int descriptor() const;

  // Waits for a signal, at most this long.
  void wait(Duration) const;

  // Ends the process by the signal that came, as if it had never been handled, so that the caller sees it. Precondition:
  // requested().
  [[noreturn]] void deliver() const;
};

}  // namespace platform
}  // namespace mesh
