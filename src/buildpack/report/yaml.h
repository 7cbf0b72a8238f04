#pragma once

#include <string>
#include <string_view>

#include "schema/build_record.h"

namespace mesh::buildpack {

// The mapping as YAML that YAML 1.1, YAML 1.2 and "each value is JSON" readers take alike: a key and a scalar a line,
// strings always double-quoted with JSON escapes, durations with six decimals. An empty mapping is "{}".
std::string to_yaml(const Mapping&);

// A double-quoted scalar of at most 200 characters; invalid UTF-8 is replaced.
std::string quoted(std::string_view);

}  // namespace mesh::buildpack
