#include "command.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <initializer_list>

namespace standin {
namespace {

constexpr int kCommandNotFound = 127;

sigset_t awaited_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&signals, number);
  return signals;
}

[[noreturn]] void become(char* const argv[]) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const sigset_t signals = awaited_signals();
  ::sigprocmask(SIG_UNBLOCK, &signals, nullptr);
  ::execvp(argv[0], argv);
  ::_exit(kCommandNotFound);
}

}  // namespace

void block_signals() {
  const sigset_t signals = awaited_signals();
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
}

pid_t start_command(char* const argv[]) {
  const pid_t command = ::fork();
  if (command == 0) become(argv);
  // Done on both sides, so that the group exists before a signal can be passed on to it.
  if (command > 0) ::setpgid(command, command);
  return command;
}

int wait_for(pid_t command) {
  const sigset_t signals = awaited_signals();
  int status = 0;
  while (::waitpid(command, &status, WNOHANG) == 0) {
    int number = 0;
    if (::sigwait(&signals, &number) == 0 && number != SIGCHLD) ::kill(-command, number);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
  if (WIFEXITED(status) && WEXITSTATUS(status) == kCommandNotFound) {
    std::fputs("Error executing command: exec: not started\n", stderr);
  } else {
    std::fprintf(stderr, "Error executing command: status %d\n", status);
  }
  return 1;
}

}  // namespace standin
