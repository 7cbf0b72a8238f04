#pragma once

#include "platform/processes.h"
#include "platform/stop_signal.h"

namespace mesh {
inline namespace platform {

// Runs programs of this machine, each in its own process group.
class PosixProcesses final : public Processes {
 public:
  // Borrows the signal, which ends a running program.
  explicit PosixProcesses(const StopSignal& stop) : stop_(stop) {}

  Result<ProgramEnd> run(const Program&) override;

 private:
  const StopSignal& stop_;
};

}  // namespace platform
}  // namespace mesh
