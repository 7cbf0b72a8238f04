#include "buildpack/release/request.h"

#include <algorithm>

#include "common/text.h"

namespace mesh::buildpack {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_letter_or_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool looks_like_version(std::string_view s) {
  return !s.empty() && is_digit(s.front()) && s.find('.') != std::string_view::npos;
}

}  // namespace

bool is_tag(std::string_view s) {
  return !s.empty() && s.size() <= 100 && is_letter_or_digit(s.front()) && std::ranges::all_of(s, [](char c) {
    return is_letter_or_digit(c) || std::string_view("._+-").find(c) != std::string_view::npos;
  });
}

bool is_region(std::string_view s) {
  return s.size() >= 3 && s.size() <= 40 &&
         std::ranges::all_of(s, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-'; }) &&
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
