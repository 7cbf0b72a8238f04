#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mesh {
inline namespace common {

inline constexpr std::size_t kTraceIdBytes = 16;
inline constexpr std::size_t kSpanIdBytes = 8;

// Where in a trace something happens, as the one who starts it says.
struct Traceparent {
  std::string trace_id;   // 32 lower-case hexadecimal digits, not all of them 0
  std::string parent_id;  // 16 of them, not all of them 0: the span that it happens in
  bool sampled;
};

// The value of a `traceparent` (W3C Trace Context, level 2, section 3.2). Versions after 00 are read as far as 00 goes.
// Nothing for what is malformed: whoever reads it then starts a trace of its own.
std::optional<Traceparent> parse_traceparent(std::string_view);

}  // namespace common
}  // namespace mesh
