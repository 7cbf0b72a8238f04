#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "platform/environment.h"
#include "platform/files.h"

namespace mesh::cedar {

// bin/report BUILD_DIR CACHE_DIR ENV_DIR: what the last build's record says, as YAML. Always a valid mapping: where the
// record is missing or damaged, that is what it reports.
std::string report(const std::optional<Path>& cache_directory, std::string_view buildpack_version, const Environment&,
                   Files&);

}  // namespace mesh::cedar
