#pragma once

#include <optional>
#include <string_view>

namespace mesh::buildpack {

// Describes a file by its first bytes (64 are enough): "an HTML page", "a Git LFS pointer", "a script". Returns nullopt for
// an unknown format. Never quotes the bytes, because they may contain a secret.
std::optional<std::string_view> describe_content(std::string_view head);

}  // namespace mesh::buildpack
