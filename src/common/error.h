#pragma once

#include <cstddef>
#include <exception>
#include <string>

namespace mesh {
inline namespace common {

// The kinds of errors below the programs. Each program decides how to react to them.
enum class ErrorKind {
  defect,            // an unexpected exception
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
  truncated,  // fewer bytes arrived than were announced
};

inline constexpr std::size_t kErrorKindCount = static_cast<std::size_t>(ErrorKind::truncated) + 1;

// The error of a function in common/ or platform/. `detail` contains the values of this occurrence (a URL, a path, a
// number): one line for people, without secrets.
struct Error {
  ErrorKind kind;
  std::string detail;
};

// Returns the error for an exception: out_of_resources if memory or a thread is unavailable, otherwise defect.
Error error_of(const std::exception&);

}  // namespace common
}  // namespace mesh
