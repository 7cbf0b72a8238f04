#include "buildpack/base/product.h"

#include <array>

namespace mesh::buildpack {
namespace {

struct Names {
  std::string_view name;
  std::string_view title;
  std::string_view program;
  std::string_view prefix;
};

constexpr std::array<Names, 2> kNames = {{
    {"integration", "Heroku Integration Service Mesh", "heroku-integration-service-mesh", "HEROKU_INTEGRATION_SERVICE_MESH"},
    {"applink", "Heroku AppLink Service Mesh", "heroku-applink-service-mesh", "HEROKU_APPLINK_SERVICE_MESH"},
}};

const Names& names(Product product) { return kNames[static_cast<std::size_t>(product)]; }

}  // namespace

std::string_view name(Product product) { return names(product).name; }
std::string_view title(Product product) { return names(product).title; }
std::string_view program(Product product) { return names(product).program; }
std::string_view prefix(Product product) { return names(product).prefix; }

Product other(Product product) { return product == Product::integration ? Product::applink : Product::integration; }

std::optional<Product> parse_product(std::string_view text) {
  for (const Product product : {Product::integration, Product::applink}) {
    if (text == name(product)) return product;
  }
  return std::nullopt;
}

}  // namespace mesh::buildpack
