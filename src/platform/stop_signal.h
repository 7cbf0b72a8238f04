#pragma once

#include "platform/clock.h"

namespace mesh {
inline namespace platform {

// Catches SIGTERM, SIGINT and SIGHUP so that waiting code can check for them and a stopped process unwinds: it removes its
// temporary files and completes its writes. A second signal ends the process immediately, in case it hangs. Create one per
// process, before any thread.
class StopSignal {
 public:
  // Installs the handlers. Ignores SIGPIPE, because a closed log must not end the build, and SIGXFSZ, so that a file size
  // limit is an ordinary write error.
  StopSignal();
  ~StopSignal() = default;
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  bool requested() const;

  // Returns a descriptor, owned by this object, that becomes and stays readable after a signal.
  int descriptor() const;

  // Waits for a signal, at most this long.
  void wait(Duration) const;

  // Ends the process with the received signal and its default action, so that the parent process sees it. Precondition:
  // requested().
  [[noreturn]] void deliver() const;
};

}  // namespace platform
}  // namespace mesh
