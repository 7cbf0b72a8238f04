#include "platform/environment.h"

#include <cstdlib>

namespace mesh {
inline namespace platform {

Environment Environment::capture(const std::vector<std::string_view>& names) {
  std::map<std::string, std::string> variables;
  for (const std::string_view name : names) {
    std::string key(name);
    const char* value = std::getenv(key.c_str());  // NOLINT(concurrency-mt-unsafe): no thread runs yet
    if (value != nullptr && *value != '\0') variables.emplace(std::move(key), value);
  }
  return Environment(std::move(variables));
}

std::optional<std::string> Environment::get(std::string_view name) const {
  const auto found = variables_.find(std::string(name));
  if (found == variables_.end()) return std::nullopt;
  return found->second;
}

Environment Environment::with(std::string_view name, std::string_view value) const {
  Environment changed = *this;
  changed.variables_.insert_or_assign(std::string(name), std::string(value));
  return changed;
}

}  // namespace platform
}  // namespace mesh
