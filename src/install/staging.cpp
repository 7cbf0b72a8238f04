#include "install/staging.h"

namespace mesh {

Result<std::unique_ptr<Staging>> Staging::open(Files& files, const Path& app, const ArchiveLimits& limits,
                                               std::string_view binary_name) {
  TRY_ASSIGN(auto directory, TemporaryDirectory::make(files, app, ".heroku-integration-service-mesh."));
  TRY_ASSIGN(auto archive, ArrivingFile::create(files, directory.path() / "archive"));
  TRY_ASSIGN(auto binary, files.create(directory.path() / "binary"));
  return std::unique_ptr<Staging>(
      new Staging(std::move(directory), std::move(archive), std::move(binary), limits, binary_name));
}

Staging::Staging(TemporaryDirectory directory, std::unique_ptr<ArrivingFile> archive, std::unique_ptr<OutputFile> binary,
                 const ArchiveLimits& limits, std::string_view binary_name)
    : directory_(std::move(directory)),
      archive_(std::move(archive)),
      binary_(std::move(binary)),
      unpacking_(*archive_, limits, binary_name, *binary_) {}

}  // namespace mesh
