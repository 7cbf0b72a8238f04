#pragma once

#include <optional>
#include <string_view>

namespace mesh::buildpack {

// The processor architectures that the mesh is released for.
enum class Architecture { amd64, arm64 };

// The one that this program was built for.
inline constexpr Architecture kArchitecture =
#if defined(__x86_64__)
    Architecture::amd64;
#elif defined(__aarch64__)
    Architecture::arm64;
#endif

// "amd64", "arm64": as Go, OCI images, releases and the report name them.
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
