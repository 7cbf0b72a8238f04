#include "platform/http.h"

#include <curl/curl.h>

#include <charconv>

#include "common/text.h"

namespace mesh {
inline namespace platform {
namespace {

std::optional<std::uint64_t> parse_count(std::string_view digits) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return count;
}

}  // namespace

bool is_header(std::string_view line, std::string_view name) {
  return text::equals_ignoring_case(text::trim(line.substr(0, line.find(':'))), name);
}

std::optional<std::string> HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (text::equals_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
  constexpr std::string_view kUnit = "bytes ";
  const std::size_t dash = text.find('-');
  const std::size_t slash = text.find('/');
  if (!text::equals_ignoring_case(text.substr(0, kUnit.size()), kUnit)) return std::nullopt;
  if (dash == std::string_view::npos || slash == std::string_view::npos || slash < dash) return std::nullopt;
  const auto first = parse_count(text.substr(kUnit.size(), dash - kUnit.size()));
  const auto last = parse_count(text.substr(dash + 1, slash - dash - 1));
  const auto length = parse_count(text.substr(slash + 1));
  if (!first || !last || *first > *last || (!length && text.substr(slash + 1) != "*")) return std::nullopt;
  if (length && *last >= *length) return std::nullopt;
  return ContentRange{*first, *last, length};
}

std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) {
  // libcurl accepts many more forms, such as a time of day or a number. All three forms begin with the name of a day.
  const std::string day = text::lower(text.substr(0, 3));
  if (day.size() != 3 || std::string_view("sun mon tue wed thu fri sat").find(day) % 4 != 0) return std::nullopt;
  const time_t time = curl_getdate(std::string(text).c_str(), nullptr);
  if (time == -1) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(time));
}

}  // namespace platform
}  // namespace mesh
