#include "platform/files.h"

namespace mesh {
inline namespace platform {

Result<TemporaryDirectory> TemporaryDirectory::make(Files& files, const Path& parent, std::string_view prefix) {
  TRY_ASSIGN(Path path, files.make_temporary_directory(parent, prefix));
  return TemporaryDirectory(files, std::move(path));
}

TemporaryDirectory::~TemporaryDirectory() {
  // Ignores errors, because the build directory is discarded anyway.
  if (!path_.empty()) static_cast<void>(files_->remove(path_));
}

TemporaryDirectory::TemporaryDirectory(TemporaryDirectory&& other) noexcept
    : files_(other.files_), path_(std::exchange(other.path_, {})) {}

}  // namespace platform
}  // namespace mesh
