#include "platform/stop_signal.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace mesh {
inline namespace platform {
namespace {

// Globals, because signal handlers can access nothing else. The pipe is created before the handlers are installed.
std::atomic<int> received_signal = 0;
int pipe_ends[2] = {-1, -1};

void remember(int number) {
  const int saved_errno = errno;
  int none = 0;
  if (received_signal.compare_exchange_strong(none, number)) {
    static_cast<void>(!::write(pipe_ends[1], "", 1));  // the pipe is empty: this neither blocks nor fails
  }
  errno = saved_errno;
}

}  // namespace

StopSignal::StopSignal() {
  if (::pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0) std::abort();
  struct sigaction action {};
  action.sa_handler = remember;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    struct sigaction inherited {};
    ::sigaction(number, nullptr, &inherited);
    const bool is_nohup = number == SIGHUP && inherited.sa_handler == SIG_IGN;
    if (!is_nohup) ::sigaction(number, &action, nullptr);
  }
  for (const int number : {SIGPIPE, SIGXFSZ}) std::signal(number, SIG_IGN);
}

bool StopSignal::requested() const { return received_signal != 0; }

int StopSignal::descriptor() const { return pipe_ends[0]; }

void StopSignal::wait(Duration duration) const {
  pollfd readable{pipe_ends[0], POLLIN, 0};
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
  ::poll(&readable, 1, static_cast<int>(std::clamp<std::int64_t>(milliseconds, 0, 3'600'000)));
}

void StopSignal::deliver() const {
  const int number = received_signal;
  std::signal(number, SIG_DFL);
  ::raise(number);
  std::_Exit(128 + number);  // not reached unless the signal is blocked
}

}  // namespace platform
}  // namespace mesh
