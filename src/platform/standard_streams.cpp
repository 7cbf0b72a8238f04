#include "platform/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <initializer_list>

namespace mesh {
inline namespace platform {

void occupy_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // The lowest free number is taken, which is this one: those below are open by now.
    if (::fcntl(stream, F_GETFD) < 0) static_cast<void>(::open("/dev/null", O_RDWR));
  }
}

}  // namespace platform
}  // namespace mesh
