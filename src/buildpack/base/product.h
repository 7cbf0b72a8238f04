#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mesh::buildpack {

// The two service meshes. Each has its own releases, its own config vars, and its own rules for command lines.
enum class Product { integration, applink };

std::string_view name(Product);  // "integration", "applink"; the values of the report's `service_mesh_product`
std::optional<Product> parse_product(std::string_view name);

// Returns the name for people: "Heroku Integration Service Mesh".
std::string_view title(Product);

// Returns the file name of the mesh binary, which an app calls: "heroku-integration-service-mesh".
std::string_view program(Product);

// Returns the prefix of the product's config vars: "HEROKU_INTEGRATION_SERVICE_MESH".
std::string_view prefix(Product);

Product other(Product);

}  // namespace mesh::buildpack
