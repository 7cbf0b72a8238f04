#include "buildpack/install/vendored.h"

#include "buildpack/install/layout.h"

namespace mesh::buildpack {

std::optional<Path> vendored_binary(Product product, const Path& app, Files& files) {
  const Layout layout = layout_of(product);
  if (files.kind(app / layout.binary) != FileKind::file) return std::nullopt;
  const auto profile = files.read(app / layout.profile, 64 * 1024);
  if (profile && *profile == profile_script(product)) return std::nullopt;
  return layout.binary;
}

}  // namespace mesh::buildpack
