#include "buildpack/install/staging.h"

namespace mesh::buildpack {

Result<TemporaryDirectory> open_staging(const Path& app, Files& files) {
  TRY_ASSIGN(const auto names, files.list(app));
  for (const std::string& name : names) {
    const bool is_ours = name.starts_with(kStagingPrefix) && name.size() == kStagingPrefix.size() + 6;
    if (is_ours && files.kind(app / name) == FileKind::directory) TRY(files.remove(app / name));
  }
  return TemporaryDirectory::make(files, app, kStagingPrefix);
}

}  // namespace mesh::buildpack
