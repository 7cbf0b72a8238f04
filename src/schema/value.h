#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>

namespace mesh {
inline namespace schema {

// What the report can say of one key: its four types, and no others.
using Value = std::variant<std::string, std::int64_t, double, bool>;

// Sorted by key, as the report prints it.
using Mapping = std::map<std::string, Value>;

}  // namespace schema
}  // namespace mesh
