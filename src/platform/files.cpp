#include "platform/files.h"

namespace mesh {
inline namespace platform {

Result<TemporaryDirectory> TemporaryDirectory::make(Files& files, const Path& parent, std::string_view prefix) {
  TRY_ASSIGN(Path path, files.make_temporary_directory(parent, prefix));
  return TemporaryDirectory(files, std::move(path));
}

TemporaryDirectory::~TemporaryDirectory() {
  // Nobody is left to tell; what could not be removed lies in a build directory that is thrown away.
  if (!path_.empty()) static_cast<void>(files_->remove(path_));
}

TemporaryDirectory::TemporaryDirectory(TemporaryDirectory&& other) noexcept
    : files_(other.files_), path_(std::exchange(other.path_, {})) {}

}  // namespace platform
}  // namespace mesh
