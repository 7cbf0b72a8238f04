#include "command.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>

namespace standin {
namespace {

constexpr int kExitCodeOfIgnoredSignal = 2;

void end_by_signal(int number) {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  ::sigaction(number, &action, nullptr);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, number);
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  ::raise(number);
  ::_exit(kExitCodeOfIgnoredSignal);
}

// Returns the name of a signal as the mesh prints it.
std::string name_of(int number) {
  switch (number) {
    case SIGHUP: return "hangup";
    case SIGINT: return "interrupt";
    case SIGKILL: return "killed";
    case SIGSEGV: return "segmentation fault";
    case SIGABRT: return "aborted";
    case SIGTERM: return "terminated";
    default: return "signal " + std::to_string(number);
  }
}

}  // namespace

void end_at_signals() {
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    struct sigaction action {};
    action.sa_handler = end_by_signal;
    ::sigaction(number, &action, nullptr);
  }
}

std::optional<pid_t> start_command(char* const argv[]) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  pid_t command = 0;
  const int error = ::posix_spawnp(&command, argv[0], &actions, nullptr, argv, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return std::nullopt;
  return command;
}

int wait_for(pid_t command) {
  int status = 0;
  while (::waitpid(command, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
  if (WIFSIGNALED(status)) {
    std::printf("Error executing command: signal: %s%s\n", name_of(WTERMSIG(status)).c_str(),
                WCOREDUMP(status) ? " (core dumped)" : "");
  } else {
    std::printf("Error executing command: exit status %d\n", WEXITSTATUS(status));
  }
  return 1;
}

}  // namespace standin
