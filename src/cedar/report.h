#pragma once

#include <string>
#include <string_view>

#include "cedar/compile.h"
#include "platform/environment.h"
#include "platform/files.h"

namespace mesh::cedar {

// bin/report BUILD_DIR CACHE_DIR ENV_DIR: returns as YAML what the record of this build says. Always a valid mapping: it
// reports so if the record is missing or corrupt.
std::string report(const Directories&, std::string_view buildpack_version, const Environment&, Files&);

}  // namespace mesh::cedar
