#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Text, without locale: ASCII rules and UTF-8.
namespace mesh {
inline namespace common {
namespace text {

// Without blanks, tabs, line ends and other ASCII space at both ends.
std::string_view trim(std::string_view);

std::string lower(std::string_view);

bool equals_ignoring_case(std::string_view, std::string_view);

std::vector<std::string_view> split(std::string_view, char separator);

// Up to the first line end.
std::string_view first_line(std::string_view);

// As valid UTF-8: every byte that belongs to no character becomes U+FFFD (Unicode 15, section 3.9, maximal subparts).
std::string valid_utf8(std::string_view bytes);

// At most `max_characters` code points of valid UTF-8.
std::string clip(std::string_view utf8, std::size_t max_characters);

// One line that is safe to print into a build log: valid UTF-8, control characters become blanks, clipped.
std::string printable_line(std::string_view, std::size_t max_characters);

// Every address in the text without what may be secret in it: user name, password, query and fragment.
std::string redact(std::string_view);

// What may be told of a text that was meant to be an address, or a part of one, but is none: a usual scheme, and what
// follows its last "@", before which credentials may stand; nothing from its first "?" or "#" on.
std::string redact_address(std::string_view);

// In lines of at most `width` bytes, broken at blanks; a longer word stays whole.
std::vector<std::string> wrap(std::string_view, std::size_t width);

// "812 bytes", "4.5 MB" (10^6).
std::string human_bytes(std::uint64_t bytes);

// "0.012 s", "1.80 s", "1 min 4 s".
std::string human_duration(std::chrono::nanoseconds);

// Returns a Unix time in RFC 3339 format, in UTC with milliseconds: "2025-10-09T08:53:20.000Z".
std::string rfc3339(std::chrono::nanoseconds unix_time);

}  // namespace text
}  // namespace common
}  // namespace mesh
