#pragma once

#include <string_view>

namespace mesh::buildpack {

// Describes content of an unknown format.
inline constexpr std::string_view kUnknownContent = "something else";

// Describes a file by its first bytes, of which 64 are enough: "an HTML page", "a Git LFS pointer", "a script". Never quotes
// them, because they may contain a secret.
std::string_view describe_content(std::string_view head);

}  // namespace mesh::buildpack
