#pragma once

#include <cstddef>
#include <exception>
#include <string>

namespace mesh {
inline namespace common {

// What kind of thing went wrong below the programs. Each program decides what that means for its own work.
enum class ErrorKind {
  defect,            // an exception that nobody expected
  out_of_resources,  // no memory, thread, process or file descriptor
  cancelled,         // a signal or the caller ended the work
  // The file system.
  no_space,
  permission_denied,
  path_conflict,  // something else is at the path, or in it
  io,             // any other error, a missing file among them
  // The network.
  no_trust_roots,  // no certificate authorities on this machine
  dns,
  offline,
  connect,
  timeout,
  stalled,
  reset,
  tls,
  certificate,
  proxy,
  protocol,
  truncated,  // fewer bytes came than were announced
};

inline constexpr std::size_t kErrorKindCount = static_cast<std::size_t>(ErrorKind::truncated) + 1;

// What a function of common/ or platform/ returns when it could not do its work. `detail` is what varied this time (an
// address, a path, a number): one line, for people, without secrets.
struct Error {
  ErrorKind kind;
  std::string detail;
};

// Returns the error for an exception: out_of_resources if memory or a thread is unavailable, otherwise defect.
Error error_of(const std::exception&);

}  // namespace common
}  // namespace mesh
