#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/base/product.h"
#include "common/text.h"

namespace mesh::buildpack::procfile {

// The config vars of an app. Their values decide which mistakes are found; none is ever printed.
struct ConfigVars {
  std::vector<std::string> names;
  std::function<std::optional<std::string>(std::string_view name)> get;
};

// An app as the doctor sees it. Paths are relative to the app's root; a file that cannot be read is as good as missing.
struct App {
  std::function<std::optional<std::string>(std::string_view path)> read = {};
  std::function<std::vector<std::string>(std::string_view directory)> list = {};  // names; "" is the root
  std::optional<ConfigVars> config = {};  // none where they are not known, which is not the same as unset
  std::optional<std::string> arch = {};   // of the machines that will run the app: "amd64"
  std::optional<Product> product = {};    // that is installed; examine() guesses one that is not known
  std::optional<int> settings_port = {};  // app.port of the mesh's YAML file, as examine() finds it

  // Returns the value without spaces around it; nullopt if it is empty, unset, or config vars are not known.
  std::optional<std::string> config_value(std::string_view name) const {
    const auto value = config && !name.empty() ? config->get(name) : std::nullopt;
    if (!value || text::trim(*value).empty()) return std::nullopt;
    return std::string(text::trim(*value));
  }
};

}  // namespace mesh::buildpack::procfile
