#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace mesh {
inline namespace schema {

// The steps of a build, in their order. All but the last are timed phases.
enum class Step { settings, cache, resolve, download, verify, unpack, inspect, place, procfile, done };

inline constexpr std::array<std::string_view, 10> kStepNames = {"settings", "cache",   "resolve", "download", "verify",
                                                                "unpack",   "inspect", "place",   "procfile", "done"};

constexpr std::string_view name(Step step) { return kStepNames[static_cast<std::size_t>(step)]; }

constexpr std::optional<Step> parse_step(std::string_view text) {
  for (std::size_t i = 0; i < kStepNames.size(); ++i) {
    if (kStepNames[i] == text) return static_cast<Step>(i);
  }
  return std::nullopt;
}

}  // namespace schema
}  // namespace mesh
