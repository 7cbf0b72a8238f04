#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "buildpack/fetch/cached_binary.h"

namespace mesh::buildpack {

// The cache's table of contents, most recently used first.
//
// JSON: {"format": 1, "binaries": [...]}. Anything else, such as the file of a newer version of this buildpack, counts as
// empty. A malformed entry counts as absent.
std::vector<CachedBinary> parse_cache_index(std::string_view);
std::string serialize(const std::vector<CachedBinary>&);

}  // namespace mesh::buildpack
