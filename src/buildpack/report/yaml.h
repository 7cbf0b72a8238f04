#pragma once

#include <string>
#include <string_view>

#include "schema/build_record.h"

namespace mesh::buildpack {

// Writes the mapping as YAML that YAML 1.1, YAML 1.2 and "each value is JSON" readers parse equally: one key and scalar per
// line, strings double-quoted with JSON escapes, durations with six decimals. An empty mapping is "{}".
std::string to_yaml(const Mapping&);

// Returns a double-quoted scalar of at most 200 characters. Replaces invalid UTF-8.
std::string quoted(std::string_view);

}  // namespace mesh::buildpack
