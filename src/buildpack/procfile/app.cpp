#include "buildpack/procfile/app.h"

#include "common/text.h"

namespace mesh::buildpack::procfile {

std::optional<std::string> App::config_value(std::string_view name) const {
  const auto value = config && !name.empty() ? config->get(name) : std::nullopt;
  if (!value || text::trim(*value).empty()) return std::nullopt;
  return std::string(text::trim(*value));
}

}  // namespace mesh::buildpack::procfile
