#include "install/staging.h"

namespace mesh {
namespace {

constexpr std::string_view kPrefix = ".heroku-integration-service-mesh.";

}  // namespace

Result<TemporaryDirectory> open_staging(const Path& app, Files& files) {
  TRY_ASSIGN(const auto names, files.list(app));
  for (const std::string& name : names) {
    const bool is_ours = name.starts_with(kPrefix) && name.size() == kPrefix.size() + 6;
    if (is_ours && files.kind(app / name) == FileKind::directory) TRY(files.remove(app / name));
  }
  return TemporaryDirectory::make(files, app, kPrefix);
}

}  // namespace mesh
