#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Text functions without a locale: ASCII rules and UTF-8.
namespace mesh {
inline namespace common {
namespace text {

// Written by some editors before UTF-8 text.
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

// Removes spaces, tabs, newlines and other ASCII whitespace at both ends.
std::string_view trim(std::string_view);

std::string lower(std::string_view);

bool equals_ignoring_case(std::string_view, std::string_view);

std::vector<std::string_view> split(std::string_view, char separator);

// Returns the text before the first newline.
std::string_view first_line(std::string_view);

// Returns valid UTF-8: replaces each ill-formed sequence by U+FFFD (Unicode 15, section 3.9, maximal subparts).
std::string valid_utf8(std::string_view bytes);

// Returns the first `max_characters` code points of valid UTF-8.
std::string clip(std::string_view utf8, std::size_t max_characters);

// Returns one line that is safe to print into a build log: valid UTF-8, with spaces for control characters, clipped.
std::string printable_line(std::string_view, std::size_t max_characters);

// Removes possible secrets from every URL in the text: user name, password, query and fragment.
std::string redact(std::string_view);

// Removes possible secrets from a malformed URL or a part of one. Returns a known scheme and the text after the last "@",
// which ends credentials, without the first "?" or "#" and everything after it.
std::string redact_address(std::string_view);

// Breaks the text at spaces into lines of at most `width` bytes. Does not break a longer word.
std::vector<std::string> wrap(std::string_view, std::size_t width);

// Formats a size: "812 bytes", "4.5 MB" (10^6).
std::string human_bytes(std::uint64_t bytes);

// Formats a duration: "0.012 s", "1.80 s", "1 min 4 s".
std::string human_duration(std::chrono::nanoseconds);

// Returns a Unix time in RFC 3339 format, in UTC with milliseconds: "2025-10-09T08:53:20.000Z".
std::string rfc3339(std::chrono::nanoseconds unix_time);

}  // namespace text
}  // namespace common
}  // namespace mesh
