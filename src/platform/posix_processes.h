#pragma once

#include "platform/processes.h"
#include "platform/stop_signal.h"

namespace mesh {
inline namespace platform {

// Programs of this machine, each in a process group of its own.
class PosixProcesses final : public Processes {
 public:
  // Borrows the signal, which ends a program that runs.
  explicit PosixProcesses(const StopSignal& stop) : stop_(stop) {}

  Result<ProgramEnd> run(const Program&) override;

 private:
  const StopSignal& stop_;
};

}  // namespace platform
}  // namespace mesh
