#include "buildpack/cedar/detect.h"

namespace mesh::buildpack::cedar {

Result<void> detect(const Path& build_directory, const World& world) {
  const auto names = world.files.list(build_directory);
  if (!names) return Failure{Reason::platform_build_directory, names.failure().detail};
  world.console.plain("Heroku Integration Service Mesh");
  return {};
}

}  // namespace mesh::buildpack::cedar
