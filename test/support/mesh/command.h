#pragma once

#include <sys/types.h>

namespace standin {

// Blocks the signals that `wait_for` waits for. To be called before any thread is started, as threads inherit it.
void block_signals();

// Starts `argv` (found on PATH) in a process group of its own, with this process's environment. It is killed when this
// process dies. A command that cannot be started ends with status 127. -1 when there can be no more processes.
pid_t start_command(char* const argv[]);

// Waits until the command ends; 0 when it succeeded, else 1. SIGTERM, SIGINT and SIGHUP are passed on to its group.
int wait_for(pid_t command);

}  // namespace standin
