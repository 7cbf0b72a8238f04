#include "procfile/product.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>
#include <vector>

#include "base/text.h"

namespace mesh::procfile {
namespace {

constexpr std::array kProducts = {Product::integration, Product::applink};

bool is_path_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("/._+-$~{}").find(c) != std::string_view::npos;
}

// How many letters have to be inserted, left out or replaced (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t k = 0; k < b.size(); ++k) {
      const std::size_t replaced = diagonal + (a[i] == b[k] ? 0 : 1);
      diagonal = row[k + 1];
      row[k + 1] = std::min({replaced, diagonal + 1, row[k] + 1});
    }
  }
  return row.back();
}

bool resembles(std::string_view part, std::string_view word) {
  return edit_distance(part, word) <= (word.size() > 5 ? 2U : (word.size() > 3 ? 1U : 0U));
}

}  // namespace

std::string settings_file(Product product) { return std::string(program(product)) + ".yaml"; }

std::optional<MeshName> parse_mesh_name(std::string_view word) {
  if (!std::ranges::all_of(word, is_path_character)) return std::nullopt;  // a text that speaks of one
  const std::string_view file = word.substr(word.rfind('/') + 1);
  for (const Product product : kProducts) {
    if (!file.starts_with(program(product))) continue;
    std::string_view suffix = file.substr(program(product).size());
    if (suffix.empty()) return MeshName{product, std::string(file), {}, {}};
    if (!suffix.starts_with('-')) return std::nullopt;
    suffix.remove_prefix(1);
    const std::size_t dash = suffix.rfind('-');
    if (dash == std::string_view::npos) return MeshName{product, std::string(file), std::string(suffix), {}};
    return MeshName{product, std::string(file), std::string(suffix.substr(0, dash)), std::string(suffix.substr(dash + 1))};
  }
  return std::nullopt;
}

std::optional<MeshName> misspelled_mesh_name(std::string_view word, Product assumed) {
  constexpr std::size_t kMaxLength = 80;
  if (word.size() > kMaxLength || parse_mesh_name(word)) return std::nullopt;
  std::string name = text::lower(word.substr(word.rfind('/') + 1));
  std::ranges::replace(name, '_', '-');
  while (!name.empty() && std::string_view(":.,").find(name.back()) != std::string_view::npos) name.pop_back();
  if (auto right = parse_mesh_name(name)) return right;
  for (const Product known : kProducts) {
    if (edit_distance(name, program(known)) <= 2) return parse_mesh_name(program(known));
  }
  bool has_mesh = false;
  bool has_family = false;
  std::optional<Product> product;
  for (const std::string_view part : text::split(name, '-')) {
    const bool is_mesh = resembles(part, "mesh") || resembles(part, "servicemesh");
    const bool is_family = resembles(part, "heroku");
    if (resembles(part, "applink")) product = Product::applink;
    if (resembles(part, "integration")) product = Product::integration;
    const bool is_product = resembles(part, "applink") || resembles(part, "integration");
    if (!is_mesh && !is_family && !is_product && !resembles(part, "service") && !resembles(part, "latest"))
      return std::nullopt;
    has_mesh = has_mesh || is_mesh;
    has_family = has_family || is_family || is_product;
  }
  if (!has_mesh || !has_family) return std::nullopt;
  return parse_mesh_name(program(product.value_or(assumed)));
}

}  // namespace mesh::procfile
