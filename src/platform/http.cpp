#include "platform/http.h"

#include "base/text.h"

namespace mesh {

std::optional<std::string> HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (text::equals_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

}  // namespace mesh
