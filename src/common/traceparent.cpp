#include "common/traceparent.h"

#include <algorithm>

#include "common/text.h"

namespace mesh {
inline namespace common {
namespace {

// VERSION-TRACE_ID-PARENT_ID-FLAGS
constexpr std::size_t kVersionDigits = 2;
constexpr std::size_t kTraceIdDigits = 32;
constexpr std::size_t kParentIdDigits = 16;
constexpr std::size_t kFlagsDigits = 2;
constexpr std::size_t kTraceId = kVersionDigits + 1;  // its offset
constexpr std::size_t kParentId = kTraceId + kTraceIdDigits + 1;
constexpr std::size_t kFlags = kParentId + kParentIdDigits + 1;
constexpr std::size_t kLength = kFlags + kFlagsDigits;

bool is_hex(std::string_view s) {
  return std::ranges::all_of(s, [](char c) { return text::hex_value(c) && !text::is_upper(c); });
}

bool is_id(std::string_view s) { return is_hex(s) && s.find_first_not_of('0') != std::string_view::npos; }

}  // namespace

std::optional<Traceparent> parse_traceparent(std::string_view s) {
  if (s.size() < kLength) return std::nullopt;
  const std::string_view version = s.substr(0, kVersionDigits);
  if (!is_hex(version) || version == "ff") return std::nullopt;
  if (version == "00" ? s.size() != kLength : s.size() > kLength && s[kLength] != '-') return std::nullopt;

  const std::string_view trace_id = s.substr(kTraceId, kTraceIdDigits);
  const std::string_view parent_id = s.substr(kParentId, kParentIdDigits);
  const std::string_view flags = s.substr(kFlags, kFlagsDigits);
  if (s[kTraceId - 1] != '-' || s[kParentId - 1] != '-' || s[kFlags - 1] != '-') return std::nullopt;
  if (!is_id(trace_id) || !is_id(parent_id) || !is_hex(flags)) return std::nullopt;
  return Traceparent{std::string(trace_id), std::string(parent_id), (*text::hex_value(flags.back()) & 1) == 1};
}

}  // namespace common
}  // namespace mesh
