#include "buildpack/doctor/settings_checks.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <set>

#include "buildpack/doctor/ports.h"
#include "buildpack/doctor/product.h"
#include "common/text.h"

namespace mesh::buildpack::doctor {

using procfile::App;
using procfile::in_directory;
using procfile::one_of;
using procfile::Scope;
namespace {

using YAML::NodeType;

constexpr std::size_t kMaxBytes = 64 * 1024;
constexpr std::size_t kMaxFindings = 20;
constexpr std::string_view kAcknowledgement = "HEROKU_APPLINK_SERVICE_MESH_ACKNOWLEDGE_RISK_BYPASS";

struct Setting {
  std::string_view path;  // "/" between the levels
  NodeType::value type;
};

constexpr std::array kSettings = {
    Setting{"app", NodeType::Map},
    Setting{"app/port", NodeType::Scalar},
    Setting{"app/host", NodeType::Scalar},
    Setting{"mesh", NodeType::Map},
    Setting{"mesh/authentication", NodeType::Map},
    Setting{"mesh/authentication/bypassRoutes", NodeType::Sequence},
    Setting{"mesh/healthcheck", NodeType::Map},
    Setting{"mesh/healthcheck/enable", NodeType::Scalar},
    Setting{"mesh/healthcheck/route", NodeType::Scalar},
};

// Variables of the mesh that let requests through unchecked, or tokens into the log. Go reads more than "true" as true.
struct Risk {
  std::string_view name;
  std::string_view values;
  Problem problem;
};

constexpr std::array kRisks = {
    Risk{"HEROKU_INTEGRATION_SERVICE_MESH_BYPASS_ALL_ROUTES", "1 t true yes on", Problem::auth_bypassed},
    Risk{"HEROKU_APPLINK_SERVICE_MESH_BYPASS_ALL_ROUTES", "1 t true yes on", Problem::auth_bypassed},
    Risk{"GO_LOG", "debug", Problem::debug_log},
};

const Setting* find_setting(std::string_view path) {
  const auto found = std::ranges::find(kSettings, path, &Setting::path);
  return found == kSettings.end() ? nullptr : &*found;
}

class Reader {
 public:
  Reader(std::string_view content, const std::string& path, const App& app)
      : lines_(text::split(content, '\n')), path_(path), app_(app) {}

  MeshYaml read(const std::string& content) {
    try {
      if (!find_tabs()) read_document(YAML::Load(content));
    } catch (const YAML::Exception& error) {
      add(Problem::yaml_invalid, path_ + ":" + std::to_string(std::max(error.mark.line, 0) + 1), {error.msg});
    } catch (const std::exception&) {
      add(Problem::yaml_invalid, path_ + ":1", {"it cannot be read"});
    }
    return std::move(result_);
  }

 private:
  void read_document(const YAML::Node& document) {
    if (document.IsMap()) return read_mapping(document, "");
    add(Problem::yaml_invalid, path_ + ":1", {document.IsNull() ? "it is empty" : "it is a list or a single value"});
  }
  std::string place(const YAML::Node& node) const { return path_ + ":" + std::to_string(node.Mark().line + 1); }
  void add(Problem problem, std::string place, std::initializer_list<std::string_view> words = {},
           std::string suggestion = {}) {
    if (result_.findings.size() == kMaxFindings) return;
    result_.findings.push_back(make_finding(problem, std::move(place), words, std::move(suggestion)));
  }

  // Tabs in front of a line's content.
  bool find_tabs() {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const std::size_t content = lines_[i].find_first_not_of(" \t\r");
      if (content == std::string_view::npos || lines_[i].substr(0, content).find('\t') == std::string_view::npos) continue;
      std::string suggestion;
      for (const char c : lines_[i].substr(0, content)) suggestion += c == '\t' ? "  " : " ";
      suggestion += text::first_line(lines_[i].substr(content));
      add(Problem::yaml_tabs, path_ + ":" + std::to_string(i + 1), {}, std::move(suggestion));
      return true;
    }
    return false;
  }

  // The line of a value with another one in its place; empty if the line has it in another form.
  std::string line_with(const YAML::Node& node, const std::string& value) const {
    const auto number = static_cast<std::size_t>(std::max(node.Mark().line, 0));
    std::string line(number < lines_.size() ? text::first_line(lines_[number]) : "");
    const std::size_t at = line.find(node.Scalar());
    return node.Scalar().empty() || at == std::string::npos ? "" : line.replace(at, node.Scalar().size(), value);
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of kSettings
  void read_mapping(const YAML::Node& mapping, const std::string& path) {
    std::set<std::string> seen;
    for (const auto& item : mapping) {
      const YAML::Node key = item.first;
      const std::string name = key.IsScalar() ? key.Scalar() : "?";
      const std::string full = in_directory(path, name);
      if (!seen.insert(name).second) {
        add(Problem::yaml_invalid, place(key), {"\"" + text::printable_line(name, 60) + "\" occurs twice"});
      } else if (const Setting* const setting = find_setting(full)) {
        read_setting(key, item.second, *setting);
      } else if (path.empty() && find_setting("mesh/" + full) != nullptr) {
        add(Problem::yaml_unknown_key, place(key), {name}, "mesh:\n  " + name + ":");
      } else {
        add(Problem::yaml_unknown_key, place(key), {full});
      }
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of kSettings
  void read_setting(const YAML::Node& key, const YAML::Node& value, const Setting& setting) {
    if (value.IsNull()) return;
    if (value.Type() != setting.type) {
      const bool is_map = setting.type == NodeType::Map;
      const std::string_view type = is_map ? "a mapping" : (setting.type == NodeType::Sequence ? "a list" : "one value");
      return add(Problem::yaml_wrong_type, place(key), {setting.path, type});
    }
    if (setting.type == NodeType::Map) return read_mapping(value, std::string(setting.path));
    if (setting.type == NodeType::Sequence) return read_routes(value);
    if (setting.path == "app/port") result_.port = parse_port(value.Scalar());
    if (setting.path == "app/host") read_host(value);
  }

  void read_host(const YAML::Node& node) {
    const std::string& host = node.Scalar();
    if (!host.starts_with("http://") && !host.starts_with("https://")) {
      return add(Problem::yaml_host_without_scheme, place(node), {}, line_with(node, "http://" + host));
    }
    const std::size_t colon = host.rfind(':');
    if (parse_port(std::string_view(host).substr(colon + 1, host.find('/', colon) - colon - 1))) {
      add(Problem::yaml_host_with_port, place(node), {}, line_with(node, host.substr(0, colon)));
    }
  }

  void read_routes(const YAML::Node& routes) {
    for (const auto& route : routes) {
      if (!route.IsScalar()) {
        add(Problem::yaml_wrong_type, place(route), {"mesh/authentication/bypassRoutes", "a list of routes"});
      } else if (route.Scalar() == "*" || route.Scalar() == "/*") {
        add(Problem::yaml_bypass_all, place(route), {route.Scalar()});
      }
    }
    const bool asks = app_.product == Product::applink && app_.config && routes.size() > 0;
    if (asks && !app_.config_value(kAcknowledgement)) {
      const std::string suggestion = "heroku config:set " + std::string(kAcknowledgement) + "=true";
      add(Problem::yaml_bypass_unacknowledged, place(routes), {}, suggestion);
    }
  }

  std::vector<std::string_view> lines_;
  const std::string& path_;
  const App& app_;
  MeshYaml result_;
};

// A file of either product's name, with either ending.
std::optional<std::string> known_file_in(const App& app, const std::string& directory) {
  for (const Product product : {Product::integration, Product::applink}) {
    for (const std::string_view ending : {".yaml", ".yml"}) {
      std::string path = in_directory(directory, std::string(program(product)).append(ending));
      if (app.read(path)) return path;
    }
  }
  return std::nullopt;
}

// Such a file one level below the root, in one of the first directories: an app may have thousands of files.
std::optional<std::string> misplaced_file(const App& app) {
  constexpr std::size_t kMaxDirectories = 40;
  std::size_t tried = 0;
  for (const std::string& name : app.list("")) {
    if (one_of(name, "node_modules vendor") || name.find('.') != std::string::npos) continue;
    if (++tried > kMaxDirectories) return std::nullopt;
    if (auto path = known_file_in(app, name)) return path;
  }
  return std::nullopt;
}

}  // namespace

MeshYaml check_mesh_yaml(std::string_view content, const std::string& path, const App& app) {
  if (content.size() > kMaxBytes) return {};
  return Reader(content, path, app).read(std::string(content));
}

MeshYaml check_settings_files(const App& app, const std::vector<std::string>& working_directories) {
  const std::string expected = settings_file(*app.product);
  for (const std::string& directory : working_directories) {
    const std::string path = in_directory(directory, expected);
    if (const auto content = app.read(path)) return check_mesh_yaml(*content, path, app);
  }
  for (const std::string& directory : working_directories) {
    const auto other = known_file_in(app, directory);
    if (!other) continue;
    const std::string suggestion = "git mv " + *other + " " + in_directory(directory, expected);
    return {.findings = {make_finding(Problem::yaml_wrong_name, *other, {expected}, suggestion)}};
  }
  const auto misplaced = misplaced_file(app);
  if (!misplaced) return {};
  return {.findings = {make_finding(Problem::yaml_not_in_root, *misplaced, {}, "git mv " + *misplaced + " " + expected)}};
}

std::vector<Finding> check_config(const App& app) {
  std::vector<Finding> findings;
  if (!app.config) return findings;
  const auto is_addon = [](std::string_view name) {
    return is_addon_variable(name, Product::integration) || is_addon_variable(name, Product::applink);
  };
  if (std::ranges::none_of(app.config->names, is_addon)) {
    const std::string prefix = app.product == Product::integration ? "HEROKU_INTEGRATION" : "HEROKU_APPLINK";
    findings.push_back(
        make_finding(Problem::addon_vars_missing, "config vars " + prefix + "_TOKEN and " + prefix + "_API_URL"));
  }
  const auto port = app.config_value("APP_PORT");
  if (port && !parse_port(*port)) {
    const std::string suggestion = "heroku config:set APP_PORT=3000";
    findings.push_back(make_finding(Problem::app_port_invalid, "config var APP_PORT", {}, suggestion));
  }
  for (const auto& [name, values, problem] : kRisks) {
    if (!one_of(text::lower(app.config_value(name).value_or("")), values)) continue;
    const std::string variable(name);
    findings.push_back(make_finding(problem, "config var " + variable, {}, "heroku config:unset " + variable));
  }
  return findings;
}

std::vector<Finding> check_set_variables(const Scope& mesh, const std::string& place) {
  std::vector<Finding> findings;
  for (const Risk& risk : kRisks) {
    const auto* const value = mesh.exported_value(risk.name);
    const bool is_on = value != nullptr && one_of(text::lower(text::trim(value->text)), risk.values);
    if (is_on) findings.push_back(make_finding(risk.problem, place));
  }
  return findings;
}

}  // namespace mesh::buildpack::doctor
