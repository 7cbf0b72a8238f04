#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mesh {
inline namespace platform {

// Those environment variables of the process that this buildpack knows, taken once at its start. Nothing else of the
// environment has any influence.
class Environment {
 public:
  Environment() = default;
  explicit Environment(std::map<std::string, std::string> variables) : variables_(std::move(variables)) {}

  // The named variables of this process, as far as they are set and not empty.
  static Environment capture(const std::vector<std::string_view>& names);

  std::optional<std::string> get(std::string_view name) const;

  // The same with one variable more, or another value of it.
  Environment with(std::string_view name, std::string_view value) const;

 private:
  std::map<std::string, std::string> variables_;
};

}  // namespace platform
}  // namespace mesh
