#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mesh::procfile {

// The two service meshes. They take opposite command lines: integration starts its first argument whatever it looks like;
// AppLink takes flags anywhere before a "--" for its own.
enum class Product { integration, applink };

std::string_view name(Product);  // "integration", "applink"
std::optional<Product> parse_product(std::string_view name);

// The name that a product's buildpack always installs: "heroku-integration-service-mesh".
std::string_view program(Product);

// The file of run-time settings that a product's mesh reads: "heroku-integration-service-mesh.yaml".
std::string settings_file(Product);

// A program name by which an app calls a mesh, taken apart: "heroku-applink-service-mesh-v1.2.3-amd64".
struct MeshName {
  Product product;
  std::string text;     // without its directory
  std::string version;  // "latest", "v1.2.3"; empty in the plain name
  std::string arch;     // "amd64"; empty in the plain name
};

// What a word of a command names, with or without a directory. Nothing for anything but a mesh.
std::optional<MeshName> parse_mesh_name(std::string_view word);

}  // namespace mesh::procfile
