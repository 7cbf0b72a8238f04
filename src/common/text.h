#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Text, without locale: ASCII rules and UTF-8.
namespace mesh {
inline namespace common {
namespace text {

// Put by editors before UTF-8 text.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view without_byte_order_mark(std::string_view);

// Classify ASCII characters; any other character belongs to no class.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_alphanumeric(char c) { return is_digit(c) || is_lower(c) || is_upper(c); }

// Returns whether every character is a letter, a digit or one of `marks`. True for an empty text.
bool is_alphanumeric_or(std::string_view marks, std::string_view);

// Returns the value of a hexadecimal digit in either case.
constexpr std::optional<std::uint8_t> hex_value(char c) {
  if (is_digit(c)) return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

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
