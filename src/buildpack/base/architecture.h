#pragma once

#include <optional>
#include <string_view>

namespace mesh::buildpack {

// The architectures that the mesh is released for.
enum class Architecture { amd64, arm64 };

// The architecture that this helper was built for.
inline constexpr Architecture kArchitecture =
#if defined(__x86_64__)
    Architecture::amd64;
#elif defined(__aarch64__)
    Architecture::arm64;
#endif

// Returns "amd64" or "arm64", as in Go, OCI images, releases and the report.
constexpr std::string_view name(Architecture architecture) {
  return architecture == Architecture::amd64 ? "amd64" : "arm64";
}

constexpr std::optional<Architecture> parse_architecture(std::string_view text) {
  for (const Architecture architecture : {Architecture::amd64, Architecture::arm64}) {
    if (text == name(architecture)) return architecture;
  }
  return std::nullopt;
}

}  // namespace mesh::buildpack
