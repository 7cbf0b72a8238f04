#include "buildpack/record/path_names.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "common/text.h"

namespace mesh::buildpack {
namespace {

bool is_name_character(char c) { return text::is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; }

// Returns whether this part of the text is a whole path, not a part of a longer one.
bool is_whole_path(std::string_view text, std::size_t begin, std::size_t end) {
  const bool begins = begin == 0 || (!is_name_character(text[begin - 1]) && text[begin - 1] != '/');
  return begins && (end == text.size() || !is_name_character(text[end]));
}

std::string replace_path(std::string text, std::string_view path, std::string_view name) {
  for (std::size_t at = text.find(path); at != std::string::npos; at = text.find(path, at + 1)) {
    if (is_whole_path(text, at, at + path.size())) text.replace(at, path.size(), name);
  }
  return text;
}

// The names of temporary directories (buildpack/install/layout.cpp, buildpack/cedar/directory_cache.cpp) end in a dot and
// this many random characters.
constexpr std::size_t kRandomCharacters = 6;

std::string remove_random_part(std::string text, std::string_view prefix) {
  for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at + 1)) {
    const std::size_t begin = at + prefix.size();
    const std::size_t end = begin + 1 + kRandomCharacters;
    if (end > text.size() || text[begin] != '.' || (end < text.size() && is_name_character(text[end]))) continue;
    const std::string_view random = std::string_view(text).substr(begin + 1, kRandomCharacters);
    if (text::is_alphanumeric_or("", random)) text.erase(begin, end - begin);
  }
  return text;
}

}  // namespace

PathNames::PathNames(const std::vector<std::pair<Path, std::string>>& directories) {
  for (const auto& [path, name] : directories) {
    names_.emplace_back(path.native(), name);
    if (const Path normal = path.lexically_normal(); normal != path) names_.emplace_back(normal.native(), name);
  }
  for (auto& [path, name] : names_) {
    while (path.ends_with('/')) path.pop_back();
  }
  std::erase_if(names_, [](const auto& entry) { return entry.first.empty(); });
  std::ranges::stable_sort(names_, std::ranges::greater(), [](const auto& entry) { return entry.first.size(); });
}

std::string PathNames::shorten(std::string text) const {
  for (const auto& [path, name] : names_) text = replace_path(std::move(text), path, name);
  constexpr std::array<std::string_view, 2> kTemporary = {"/.heroku-integration-service-mesh", "/incoming"};
  for (const std::string_view prefix : kTemporary) text = remove_random_part(std::move(text), prefix);
  return text;
}

}  // namespace mesh::buildpack
