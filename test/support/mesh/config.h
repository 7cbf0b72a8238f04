#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace standin {

// Names one of the two meshes and its version.
struct Product {
  std::string_view title;   // as in `Heroku AppLink`
  std::string_view name;    // of the program and, with `.yaml`, of its file
  std::string_view prefix;  // of its config vars
  std::string_view version;

  std::string variable(std::string_view rest) const { return std::string(prefix).append(rest); }
};

// Returns the public port of the mesh, as text: PORT, else 8070.
std::string public_port();

// Contains the settings that the mesh reads once, at its start, except its port.
struct Config {
  std::string app_host = "http://127.0.0.1";
  std::string app_port = "3000";
  std::vector<std::string> bypass_routes;
  bool bypasses_all_routes = false;
  std::string health_check = "true";
  std::string health_route = "/healthcheck";

  // Returns whether requests to this path go to the app unchecked.
  bool bypasses(std::string_view path) const;
};

// Reads config vars and, if there is one, the product's YAML file in the working directory. Returns the text of the mesh's
// last line if something is missing or malformed. It supports the YAML in the mesh's documentation: mappings by
// indentation, scalars, lists in one line or one item a line, comments.
std::variant<Config, std::string> read_config(const Product& product);

}  // namespace standin
