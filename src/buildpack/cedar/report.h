#pragma once

#include <string>
#include <string_view>

#include "buildpack/cedar/compile.h"
#include "platform/environment.h"
#include "platform/files.h"

namespace mesh::buildpack::cedar {

// Returns the output of bin/report BUILD_DIR CACHE_DIR ENV_DIR: the record of this build as a YAML mapping. If the record is
// missing or corrupt, the mapping contains the reason.
std::string report(const Directories&, std::string_view buildpack_version, const Environment&, Files&);

}  // namespace mesh::buildpack::cedar
