#include "buildpack/release/request.h"

#include <algorithm>

#include "common/text.h"

namespace mesh::buildpack {
namespace {

bool looks_like_version(std::string_view s) {
  return !s.empty() && text::is_digit(s.front()) && s.find('.') != std::string_view::npos;
}

}  // namespace

bool is_tag(std::string_view s) {
  return !s.empty() && s.size() <= 100 && text::is_alphanumeric(s.front()) && text::is_alphanumeric_or("._+-", s);
}

bool is_region(std::string_view s) {
  return s.size() >= 3 && s.size() <= 40 &&
         std::ranges::all_of(s, [](char c) { return text::is_digit(c) || text::is_lower(c) || c == '-'; }) &&
         s.front() != '-' && s.back() != '-';
}

std::optional<RequestedVersion> parse_version(std::string_view text) {
  text = text::trim(text);
  if (text.size() >= 2 && text.front() == text.back() && (text.front() == '"' || text.front() == '\'')) {
    text = text::trim(text.substr(1, text.size() - 2));
  }
  RequestedVersion version{.text = std::string(text)};
  if (text::equals_ignoring_case(text, "latest")) return RequestedVersion{};
  if (!is_tag(text)) return std::nullopt;

  if (looks_like_version(text)) {
    version.tags = {"v" + std::string(text), std::string(text)};
  } else if (text.front() == 'v' && looks_like_version(text.substr(1))) {
    version.tags = {std::string(text), std::string(text.substr(1))};
  } else {
    version.tags = {std::string(text)};
  }
  return version;
}

std::string_view ReleaseRequest::source() const {
  if (mirror) return mirror->is_file() ? "file" : "mirror";
  return product == Product::integration ? "github" : "s3";
}

}  // namespace mesh::buildpack
