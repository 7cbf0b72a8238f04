#include "platform/descriptor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace mesh {
inline namespace platform {
namespace {

ErrorKind kind_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT: return ErrorKind::no_space;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorKind::permission_denied;
    case EEXIST:
    case ENOTDIR:
    case EISDIR:
    case ENOTEMPTY:
    case ELOOP: return ErrorKind::path_conflict;
    case ENOMEM:
    case EMFILE:
    case ENFILE: return ErrorKind::out_of_resources;
    default: return ErrorKind::io;
  }
}

}  // namespace

void Descriptor::close() {
  if (is_open()) ::close(std::exchange(number_, -1));
}

Error disk_failure(const Path& path, int error) {
  return {kind_of(error), fmt::format("{}: {}", path.native(), std::generic_category().message(error))};
}

Result<Descriptor> open_file(const Path& path, int flags, mode_t mode) {
  Descriptor descriptor(::open(path.c_str(), flags | O_CLOEXEC, mode));
  if (descriptor.number() < 0) return disk_failure(path, errno);
  return descriptor;
}

Result<void> write_all(int descriptor, const Path& path, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(descriptor, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return disk_failure(path, errno);
    data += written;
    size -= static_cast<std::size_t>(written);
  }
  return {};
}

Result<Descriptor> open_regular_file(const Path& path, int flags) {
  TRY_ASSIGN(Descriptor descriptor, open_file(path, O_RDONLY | O_NONBLOCK | flags));
  struct stat status {};
  if (::fstat(descriptor.number(), &status) != 0) return disk_failure(path, errno);
  if (S_ISDIR(status.st_mode)) return disk_failure(path, EISDIR);
  if (!S_ISREG(status.st_mode)) return Error{ErrorKind::io, path.native() + ": not a regular file"};
  return descriptor;
}

}  // namespace platform
}  // namespace mesh
