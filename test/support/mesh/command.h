#pragma once

#include <sys/types.h>

#include <optional>

namespace standin {

// Makes SIGTERM, SIGINT and SIGHUP end this process at once, by the signal. If the kernel ignores the signal, as for the
// first process of a container, it exits with 2. Does not forward the signal to the command.
void end_at_signals();

// Starts `argv` (found on PATH) in this process's group, with its environment and output, and without input. Returns
// nullopt if it cannot be started.
std::optional<pid_t> start_command(char* const argv[]);

// Waits until the command ends; prints how it failed. Returns 0 when it succeeded, else 1.
int wait_for(pid_t command);

}  // namespace standin
