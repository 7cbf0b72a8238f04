#include "platform/http.h"

#include <curl/curl.h>

#include "base/text.h"

namespace mesh {

std::optional<std::string> HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (text::equals_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) {
  // libcurl reads many more forms, such as a time of day or a number; all three begin with the name of a day.
  const std::string day = text::lower(text.substr(0, 3));
  if (day.size() != 3 || std::string_view("sun mon tue wed thu fri sat").find(day) % 4 != 0) return std::nullopt;
  const time_t time = curl_getdate(std::string(text).c_str(), nullptr);
  if (time == -1) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(time));
}

}  // namespace mesh
