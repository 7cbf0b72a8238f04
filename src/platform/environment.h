#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mesh {
inline namespace platform {

// The environment variables of the process that the program names, captured once at its start. Other variables have no
// influence.
class Environment {
 public:
  Environment() = default;
  explicit Environment(std::map<std::string, std::string> variables) : variables_(std::move(variables)) {}

  // Returns the named variables of this process that are set and not empty.
  static Environment capture(const std::vector<std::string_view>& names);

  std::optional<std::string> get(std::string_view name) const;

  // Returns a copy with one more variable, or with another value of it.
  Environment with(std::string_view name, std::string_view value) const;

 private:
  std::map<std::string, std::string> variables_;
};

}  // namespace platform
}  // namespace mesh
