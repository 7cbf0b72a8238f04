#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mesh {
inline namespace common {

inline constexpr std::size_t kTraceIdBytes = 16;
inline constexpr std::size_t kSpanIdBytes = 8;

// The position in a trace, given by the caller.
struct Traceparent {
  std::string trace_id;   // 32 lower-case hexadecimal digits, not all 0
  std::string parent_id;  // 16 lower-case hexadecimal digits, not all 0: the id of the parent span
  bool sampled;
};

// Parses a `traceparent` (W3C Trace Context, level 2, section 3.2). Reads the fields of version 00 from later versions.
// Returns nullopt for a malformed value; the caller then starts a new trace.
std::optional<Traceparent> parse_traceparent(std::string_view);

}  // namespace common
}  // namespace mesh
