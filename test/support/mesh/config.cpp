#include "config.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <set>
#include <utility>

#include "log.h"

namespace standin {
namespace {

enum class Kind { mapping, text, list };

struct Setting {
  std::string_view path;
  Kind kind;
};

constexpr std::array kSettings{
    Setting{"app", Kind::mapping},
    Setting{"app/host", Kind::text},
    Setting{"app/port", Kind::text},
    Setting{"mesh", Kind::mapping},
    Setting{"mesh/authentication", Kind::mapping},
    Setting{"mesh/authentication/bypassRoutes", Kind::list},
    Setting{"mesh/healthcheck", Kind::mapping},
    Setting{"mesh/healthcheck/enable", Kind::text},
    Setting{"mesh/healthcheck/route", Kind::text},
};

// Returns the name of the mesh's own type for a mapping, as its error messages print it.
std::string_view type_of(std::string_view mapping) {
  if (mapping == "app") return "conf.App";
  if (mapping == "mesh") return "conf.Mesh";
  if (mapping == "mesh/authentication") return "conf.Authentication";
  if (mapping == "mesh/healthcheck") return "conf.HealthCheck";
  return "conf.YamlConfig";
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \r";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

std::string_view without_comment(std::string_view line) {
  char quote = '\0';
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quote != '\0') {
      if (line[i] == quote) quote = '\0';
    } else if (line[i] == '"' || line[i] == '\'') {
      quote = line[i];
    } else if (line[i] == '#' && (i == 0 || line[i - 1] == ' ')) {
      return line.substr(0, i);
    }
  }
  return line;
}

std::string scalar(std::string_view text) {
  text = trimmed(text);
  const bool is_quoted = text.size() > 1 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
  return std::string(is_quoted ? text.substr(1, text.size() - 2) : text);
}

std::vector<std::string> items_of(std::string_view list) {
  std::vector<std::string> items;
  list = list.substr(1, list.size() - 2);
  while (!trimmed(list).empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    items.push_back(scalar(list.substr(0, comma)));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return items;
}

// Reads the file line by line into a Config, up to the first mistake.
class YamlReader {
 public:
  explicit YamlReader(Config& config) : config_(config) {}

  std::optional<std::string> read(std::istream& file) {
    std::string line;
    while (std::getline(file, line)) {
      ++number_;
      if (auto mistake = read_line(without_comment(line))) return mistake;
    }
    if (seen_.empty()) return "EOF";
    return std::nullopt;
  }

 private:
  struct Open {
    std::size_t indentation;
    std::string path;
  };

  std::optional<std::string> read_line(std::string_view line) {
    const std::size_t indentation = std::min(line.find_first_not_of(' '), line.size());
    std::string_view rest = trimmed(line);
    if (rest.empty() || rest == "---") return std::nullopt;
    if (rest.front() == '\t') return at("found character that cannot start any token");
    if (rest.starts_with("- ")) return add_item(rest.substr(2));
    while (!open_.empty() && open_.back().indentation >= indentation) open_.pop_back();
    const std::size_t colon = rest.find(':');
    if (colon == std::string_view::npos) return at("could not find expected ':'");
    return set(indentation, scalar(rest.substr(0, colon)), trimmed(rest.substr(colon + 1)));
  }

  std::optional<std::string> set(std::size_t indentation, const std::string& key, std::string_view value) {
    const std::string parent = open_.empty() ? "" : open_.back().path;
    const std::string path = parent.empty() ? key : parent + "/" + key;
    if (!seen_.insert(path).second) return unmarshal("mapping key \"" + key + "\" already defined");
    const auto* setting = std::ranges::find(kSettings, path, &Setting::path);
    if (setting == kSettings.end()) {
      return unmarshal("field " + key + " not found in type " + std::string(type_of(parent)));
    }
    if (value.empty()) {
      open_.push_back({indentation, path});
      return std::nullopt;
    }
    const bool is_list = value.front() == '[' && value.back() == ']';
    if (setting->kind == Kind::text && is_list) return unmarshal("cannot unmarshal !!seq into string");
    if (setting->kind != Kind::text && !is_list) {
      const std::string type = setting->kind == Kind::list ? "[]string" : std::string(type_of(path));
      return unmarshal("cannot unmarshal !!str `" + std::string(value) + "` into " + type);
    }
    if (is_list) config_.bypass_routes = items_of(value);
    if (!is_list) assign(path, scalar(value));
    return std::nullopt;
  }

  std::optional<std::string> add_item(std::string_view item) {
    const std::string path = open_.empty() ? "" : open_.back().path;
    if (path != "mesh/authentication/bypassRoutes") return unmarshal("cannot unmarshal !!seq into string");
    config_.bypass_routes.push_back(scalar(item));
    return std::nullopt;
  }

  // Ignores an empty value.
  void assign(std::string_view path, const std::string& value) {
    if (value.empty()) return;
    if (path == "app/host") config_.app_host = value;
    if (path == "app/port") config_.app_port = value;
    if (path == "mesh/healthcheck/enable") config_.health_check = value;
    if (path == "mesh/healthcheck/route") config_.health_route = value;
  }

  std::string at(std::string_view what) const { return "yaml: line " + std::to_string(number_) + ": " + std::string(what); }

  std::string unmarshal(std::string_view what) const {
    return "yaml: unmarshal errors:\n  line " + std::to_string(number_) + ": " + std::string(what);
  }

  Config& config_;
  std::vector<Open> open_;
  std::set<std::string> seen_;
  int number_ = 0;
};

bool is_true(std::string_view text) {
  constexpr std::array<std::string_view, 6> kTrue{"1", "t", "T", "true", "TRUE", "True"};
  return std::ranges::find(kTrue, text) != kTrue.end();
}

}  // namespace

std::string public_port() { return variable_or("PORT", "8070"); }

bool Config::bypasses(std::string_view path) const {
  if (bypasses_all_routes) return true;
  for (const std::string_view route : bypass_routes) {
    if (path == route) return true;
    if (route.ends_with('*') && path.starts_with(route.substr(0, route.size() - 1))) return true;
  }
  return health_check == "true" && path == health_route;
}

std::variant<Config, std::string> read_config(const Product& product) {
  if (variable_or(product.variable("_TOKEN").c_str(), "").empty() ||
      variable_or(product.variable("_API_URL").c_str(), "").empty()) {
    return std::string(product.title) + " add-on config vars not set";
  }
  Config config;
  if (std::ifstream file{std::string(product.name) + ".yaml"}) {
    if (const auto mistake = YamlReader(config).read(file)) return "Invalid YAML config: " + *mistake;
  }
  const std::string app_port = variable_or("APP_PORT", "");
  if (!app_port.empty()) config.app_port = app_port;
  config.bypasses_all_routes = is_true(variable_or(product.variable("_SERVICE_MESH_BYPASS_ALL_ROUTES").c_str(), ""));
  return config;
}

}  // namespace standin
