#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "procfile/product.h"

namespace mesh::procfile {

// The config vars of an app. Their values decide what is found; none is ever told.
struct ConfigVars {
  std::vector<std::string> names;
  std::function<std::optional<std::string>(std::string_view name)> get;
};

// What the doctor looks at. Paths are relative to the app's root; what cannot be read is as good as missing.
struct App {
  std::function<std::optional<std::string>(std::string_view path)> read = {};
  std::function<std::vector<std::string>(std::string_view directory)> list = {};  // names; "" is the root
  std::optional<ConfigVars> config = {};  // none where they are not known, which is not the same as unset
  std::optional<std::string> arch = {};   // of the machines that will run the app: "amd64"
  std::optional<Product> product = {};    // what is installed; guessed where it is not known
};

// What the rules depend on besides the text they look at.
struct Surroundings {
  Product product;
  std::optional<std::string> arch;
  std::optional<ConfigVars> config;
  std::optional<int> settings_port;  // app.port of the mesh's YAML file

  // Without blanks around it; nothing where it is empty, unset, or config vars are not known.
  std::optional<std::string> config_value(std::string_view name) const;
};

}  // namespace mesh::procfile
