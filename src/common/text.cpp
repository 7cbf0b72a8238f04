#include "common/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mesh {
inline namespace common {
namespace text {
namespace {

constexpr std::string_view kSpace = " \t\r\n\v\f";
constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

// The properties of a lead byte: the number of continuation bytes, and the range of the first one (Unicode 15, table 3-7).
struct Lead {
  std::size_t continuations;
  unsigned char first_low;
  unsigned char first_high;
};

Lead classify(unsigned char byte) {
  if (byte < 0x80) return {0, 0x80, 0xBF};
  if (byte >= 0xC2 && byte <= 0xDF) return {1, 0x80, 0xBF};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};
  if (byte == 0xED) return {2, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {2, 0x80, 0xBF};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {3, 0x80, 0xBF};
  if (byte == 0xF4) return {3, 0x80, 0x8F};
  return {SIZE_MAX, 0, 0};
}

struct Sequence {
  std::size_t length;  // bytes to take
  bool valid;
};

Sequence next_sequence(std::string_view bytes) {
  const Lead lead = classify(static_cast<unsigned char>(bytes[0]));
  if (lead.continuations == SIZE_MAX) return {1, false};
  std::size_t length = 1;
  for (std::size_t i = 0; i < lead.continuations; ++i, ++length) {
    if (length >= bytes.size()) return {length, false};
    const auto byte = static_cast<unsigned char>(bytes[length]);
    const unsigned char low = i == 0 ? lead.first_low : 0x80;
    const unsigned char high = i == 0 ? lead.first_high : 0xBF;
    if (byte < low || byte > high) return {length, false};
  }
  return {length, true};
}

bool ends_address(char c) {
  return kSpace.find(c) != std::string_view::npos || c == '"' || c == '\'' || c == '<' || c == '>';
}

// Returns the URL without user information, query and fragment. `rest` starts after "://".
std::string without_secrets(std::string_view rest) {
  const std::size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, authority_end);
  const std::size_t at = authority.rfind('@');
  std::string result(at == std::string_view::npos ? authority : authority.substr(at + 1));
  const std::string_view path = rest.substr(authority_end);
  result += path.substr(0, std::min(path.find_first_of("?#"), path.size()));
  return result;
}

}  // namespace

std::string_view without_byte_order_mark(std::string_view s) {
  return s.substr(s.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
}

bool is_alphanumeric_or(std::string_view marks, std::string_view s) {
  return std::ranges::all_of(s, [&](char c) { return is_alphanumeric(c) || marks.find(c) != std::string_view::npos; });
}

std::string_view trim(std::string_view s) {
  const std::size_t first = s.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(kSpace) - first + 1);
}

std::string lower(std::string_view s) {
  std::string result(s);
  std::ranges::transform(result, result.begin(), [](char c) { return lower(c); });
  return result;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::vector<std::string_view> split(std::string_view s, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = s.find(separator);
    parts.push_back(s.substr(0, end));
    if (end == std::string_view::npos) return parts;
    s.remove_prefix(end + 1);
  }
}

std::string_view first_line(std::string_view s) { return s.substr(0, std::min(s.find_first_of("\r\n"), s.size())); }

std::string valid_utf8(std::string_view bytes) {
  std::string result;
  result.reserve(bytes.size());
  while (!bytes.empty()) {
    const Sequence sequence = next_sequence(bytes);
    result += sequence.valid ? bytes.substr(0, sequence.length) : kReplacementCharacter;
    bytes.remove_prefix(sequence.length);
  }
  return result;
}

std::string clip(std::string_view utf8, std::size_t max_characters) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const bool starts_character = (static_cast<unsigned char>(utf8[i]) & 0xC0) != 0x80;
    if (starts_character && characters++ == max_characters) return std::string(utf8.substr(0, i));
  }
  return std::string(utf8);
}

std::string printable_line(std::string_view s, std::size_t max_characters) {
  std::string line = valid_utf8(s);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return clip(trim(line), max_characters);
}

std::string redact(std::string_view s) {
  std::string result;
  while (true) {
    const std::size_t scheme_end = s.find("://");
    if (scheme_end == std::string_view::npos) return result.append(s);
    const std::size_t start = scheme_end + 3;
    result += s.substr(0, start);
    s.remove_prefix(start);
    const auto end = static_cast<std::size_t>(std::ranges::find_if(s, ends_address) - s.begin());
    result += without_secrets(s.substr(0, end));
    s.remove_prefix(end);
  }
}

std::string redact_address(std::string_view s) {
  std::string result;
  for (const std::string_view scheme : {"https://", "http://", "file://", "ftp://"}) {
    if (s.starts_with(scheme)) result = scheme;
  }
  s.remove_prefix(result.size());
  s.remove_prefix(s.rfind('@') + 1);  // removes nothing without "@"
  return result.append(s.substr(0, std::min(s.find_first_of("?#"), s.size())));
}

std::vector<std::string> wrap(std::string_view s, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  for (const std::string_view word : split(s, ' ')) {
    if (word.empty()) continue;
    if (!line.empty() && line.size() + 1 + word.size() > width) lines.push_back(std::exchange(line, {}));
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

std::string human_bytes(std::uint64_t bytes) {
  if (bytes < 1'000) return fmt::format("{} bytes", bytes);
  if (bytes < 1'000'000) return fmt::format("{:.1f} kB", static_cast<double>(bytes) / 1e3);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

std::string human_duration(std::chrono::nanoseconds duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  if (seconds < 0.1) return fmt::format("{:.3f} s", seconds);
  if (seconds < 10) return fmt::format("{:.2f} s", seconds);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(seconds);
  return fmt::format("{} min {} s", whole / 60, whole % 60);
}

std::string rfc3339(std::chrono::nanoseconds unix_time) {
  const auto time = std::chrono::floor<std::chrono::milliseconds>(unix_time);
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{std::chrono::sys_days(days)};
  const std::chrono::hh_mm_ss clock(time - days);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

}  // namespace text
}  // namespace common
}  // namespace mesh
