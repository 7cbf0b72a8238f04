#include "procfile/product.h"

#include <algorithm>
#include <array>

namespace mesh::procfile {
namespace {

constexpr std::array kProducts = {Product::integration, Product::applink};

bool is_path_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("/._+-$~{}").find(c) != std::string_view::npos;
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

}  // namespace mesh::procfile
