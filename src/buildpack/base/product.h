#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mesh::buildpack {

// The two service meshes. Each has its own releases, its own config vars, and its own rules for command lines.
enum class Product { integration, applink };

std::string_view name(Product);  // "integration", "applink"; the values of the report's `service_mesh_product`
std::optional<Product> parse_product(std::string_view name);

// As people call it: "Heroku Integration Service Mesh".
std::string_view title(Product);

// The name of the program, which an app calls: "heroku-integration-service-mesh".
std::string_view program(Product);

// What the names of the product's config vars begin with: "HEROKU_INTEGRATION_SERVICE_MESH".
std::string_view prefix(Product);

Product other(Product);

}  // namespace mesh::buildpack
