#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "buildpack/procfile/app.h"

namespace mesh::buildpack::doctor {

// Returns the name of the run-time settings that a product's mesh reads: "heroku-integration-service-mesh.yaml".
std::string settings_file(Product);

// Whether an add-on of the product sets this config var: HEROKU_APPLINK_API_URL, HEROKU_APPLINK_BLUE_TOKEN.
bool is_addon_variable(std::string_view name, Product);

// A program name by which an app calls a mesh, taken apart: "heroku-applink-service-mesh-v1.2.3-amd64".
struct MeshName {
  Product product;
  std::string text;    // without its directory
  std::string suffix;  // "-latest-amd64"; empty in the plain name
};

// Reads the word of a command that names a mesh, with or without a directory. Nullopt for anything but a mesh.
std::optional<MeshName> parse_mesh_name(std::string_view word);

// Corrects a misspelled name of a mesh: "heroku_applink_service_mesh", "heroku-applink-mesh", "Applink-Service-Mesh:".
// Returns nullopt for a correct name and for anything else. The product is `assumed` if the word names none.
std::optional<MeshName> misspelled_mesh_name(std::string_view word, Product assumed);

// The mesh that an app needs, and the reason: "the Procfile calls heroku-applink-service-mesh".
struct ProductChoice {
  Product product;
  std::string reason;
};

// Returns the product that the app names (App::product), else the one that its web process calls, else its other processes,
// else scripts that the web process starts, else the one whose run-time settings file it brings, else the one whose add-on's
// config vars it has, else integration.
ProductChoice choose_product(const procfile::App&);

}  // namespace mesh::buildpack::doctor
