#include "procfile/mesh_yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "procfile/ports.h"

namespace mesh::procfile {
namespace {

constexpr std::size_t kMaxBytes = 64 * 1024;
constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxFindings = 20;
constexpr std::string_view kAcknowledgement = "HEROKU_APPLINK_SERVICE_MESH_ACKNOWLEDGE_RISK_BYPASS";

enum class Shape { mapping, text, list };

struct Setting {
  std::string_view path;  // "/" between the levels
  Shape shape;
};

constexpr std::array kSettings = {
    Setting{"", Shape::mapping},
    Setting{"app", Shape::mapping},
    Setting{"app/port", Shape::text},
    Setting{"app/host", Shape::text},
    Setting{"mesh", Shape::mapping},
    Setting{"mesh/authentication", Shape::mapping},
    Setting{"mesh/authentication/bypassRoutes", Shape::list},
    Setting{"mesh/healthcheck", Shape::mapping},
    Setting{"mesh/healthcheck/enable", Shape::text},
    Setting{"mesh/healthcheck/route", Shape::text},
};

std::string_view words_for(Shape shape) {
  switch (shape) {
    case Shape::mapping: return "a mapping";
    case Shape::text: return "one value";
    case Shape::list: return "a list";
  }
  return "one value";
}

bool fits(const YAML::Node& node, Shape shape) {
  if (node.IsNull()) return true;
  if (shape == Shape::mapping) return node.IsMap();
  return shape == Shape::list ? node.IsSequence() : node.IsScalar();
}

const Setting* find_setting(std::string_view path) {
  const auto found = std::ranges::find(kSettings, path, &Setting::path);
  return found == kSettings.end() ? nullptr : &*found;
}

// Brackets that are open at a time, and dashes or question marks in a row, wherever they stand: more than a parser nests.
bool is_deep(std::string_view content) {
  std::size_t open = 0;
  std::size_t marks = 0;
  for (const char c : content) {
    if (c == '[' || c == '{') ++open;
    if ((c == ']' || c == '}') && open > 0) --open;
    if (c == '-' || c == '?' || c == ':') ++marks;
    if (c != '-' && c != '?' && c != ':' && c != ' ' && c != '\t') marks = 0;
    if (open > kMaxDepth || marks > kMaxDepth * 4) return true;
  }
  return false;
}

bool is_deeply_indented(std::string_view content) {
  std::set<std::size_t> levels;
  for (const std::string_view line : text::split(content, '\n')) {
    levels.insert(std::min(line.find_first_not_of(' '), line.size()));
  }
  return levels.size() > kMaxDepth;
}

// "directory/name"; just the name in the root, which is "".
std::string in_directory(const std::string& directory, const std::string& name) {
  return directory.empty() ? name : fmt::format("{}/{}", directory, name);
}

class Reader {
 public:
  Reader(std::string_view content, const std::string& path, const App& app)
      : lines_(text::split(content, '\n')), path_(path), app_(app) {}

  MeshYaml read(const YAML::Node& document) {
    if (!document.IsMap()) {
      add(Problem::yaml_invalid, path_ + ":1", {document.IsNull() ? "it is empty" : "it holds something else"});
    } else {
      read_mapping(document, "", 0);
    }
    return std::move(result_);
  }

  bool find_tabs();

 private:
  void read_mapping(const YAML::Node&, const std::string& path, std::size_t depth);
  void read_setting(const YAML::Node& key, const YAML::Node& value, const Setting&, std::size_t depth);
  void read_host(const YAML::Node&);
  void read_host_port(const YAML::Node&);
  void read_routes(const YAML::Node&);
  std::string place(const YAML::Node& node) const { return path_ + ":" + std::to_string(node.Mark().line + 1); }
  std::string_view line(const YAML::Node& node) const {
    const auto number = static_cast<std::size_t>(std::max(node.Mark().line, 0));
    return number < lines_.size() ? text::first_line(lines_[number]) : std::string_view();
  }
  void add(Problem problem, std::string place, std::initializer_list<std::string_view> words = {},
           std::string instead = {}) {
    if (result_.findings.size() < kMaxFindings) {
      result_.findings.push_back(make_finding(problem, std::move(place), words, std::move(instead)));
    }
  }

  std::vector<std::string_view> lines_;
  const std::string& path_;
  const App& app_;
  MeshYaml result_;
};

// Tabs in front of a line's content.
bool Reader::find_tabs() {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const std::size_t content = lines_[i].find_first_not_of(" \t\r");
    if (content == std::string_view::npos || lines_[i].substr(0, content).find('\t') == std::string_view::npos) continue;
    std::string instead;
    for (const char c : lines_[i].substr(0, content)) instead += c == '\t' ? "  " : " ";
    instead += text::first_line(lines_[i].substr(content));
    add(Problem::yaml_tabs, path_ + ":" + std::to_string(i + 1), {}, std::move(instead));
    return true;
  }
  return false;
}

void Reader::read_mapping(const YAML::Node& mapping, const std::string& path, std::size_t depth) {
  std::set<std::string> seen;
  for (const auto& item : mapping) {
    const YAML::Node key = item.first;
    const std::string name = key.IsScalar() ? key.Scalar() : "?";
    const std::string full = in_directory(path, name);
    const Setting* const setting = find_setting(full);
    if (!seen.insert(name).second) {
      const std::string twice = "\"" + text::printable_line(name, 60) + "\" stands there twice";
      add(Problem::yaml_invalid, place(key), {twice});
    } else if (setting != nullptr) {
      read_setting(key, item.second, *setting, depth);
    } else if (find_setting("mesh/" + full) != nullptr && path.empty()) {
      add(Problem::yaml_unknown_key, place(key), {name}, "mesh:\n  " + name + ":");
    } else {
      add(Problem::yaml_unknown_key, place(key), {full});
    }
  }
}

void Reader::read_setting(const YAML::Node& key, const YAML::Node& value, const Setting& setting, std::size_t depth) {
  if (!fits(value, setting.shape))
    return add(Problem::yaml_wrong_type, place(key), {setting.path, words_for(setting.shape)});
  if (value.IsNull()) return;
  if (setting.shape == Shape::mapping && depth < kMaxDepth) return read_mapping(value, std::string(setting.path), depth + 1);
  if (setting.path == "app/port") result_.port = parse_port(value.Scalar());
  if (setting.path == "app/host") read_host(value);
  if (setting.shape == Shape::list) read_routes(value);
}

void Reader::read_host(const YAML::Node& host) {
  const std::string& value = host.Scalar();
  if (value.starts_with("http://") || value.starts_with("https://")) return read_host_port(host);
  std::string instead(line(host));
  const std::size_t at = instead.find(value);
  if (value.empty() || at == std::string::npos) instead.clear();
  if (!instead.empty()) instead.insert(at, "http://");
  add(Problem::yaml_host_without_scheme, place(host), {}, std::move(instead));
}

// A port behind the host: "http://127.0.0.1:3000", "http://[::1]:3000".
void Reader::read_host_port(const YAML::Node& host) {
  const std::string& value = host.Scalar();
  const std::size_t colon = value.rfind(':');
  if (!parse_port(std::string_view(value).substr(colon + 1, value.find('/', colon) - colon - 1))) return;
  std::string instead(line(host));
  const std::size_t at = instead.find(value);
  if (at == std::string::npos) instead.clear();
  if (!instead.empty()) instead.replace(at, value.size(), value.substr(0, colon));
  add(Problem::yaml_host_with_port, place(host), {}, std::move(instead));
}

void Reader::read_routes(const YAML::Node& routes) {
  for (const auto& route : routes) {
    if (!route.IsScalar()) {
      add(Problem::yaml_wrong_type, place(route), {"mesh/authentication/bypassRoutes", "a list of routes"});
    } else if (route.Scalar() == "*" || route.Scalar() == "/*") {
      add(Problem::yaml_bypass_all, place(route), {route.Scalar()});
    }
  }
  const bool asks = app_.product == Product::applink && app_.config && routes.size() > 0;
  if (asks && !app_.config_value(kAcknowledgement)) {
    add(Problem::yaml_bypass_unacknowledged, place(routes), {},
        "heroku config:set " + std::string(kAcknowledgement) + "=true");
  }
}

// The library throws for what is no YAML.
MeshYaml read_safely(Reader& reader, std::string_view content, const std::string& path) {
  try {
    return reader.read(YAML::Load(std::string(content)));
  } catch (const YAML::Exception& error) {
    const std::string line = std::to_string(std::max(error.mark.line, 0) + 1);
    return {.findings = {make_finding(Problem::yaml_invalid, path + ":" + line, {error.msg})}};
  } catch (const std::exception&) {
    return {.findings = {make_finding(Problem::yaml_invalid, path + ":1", {"it cannot be read"})}};
  }
}

// The names under which people keep these settings: both products', with both endings.
std::vector<std::string> known_names() {
  std::vector<std::string> names;
  for (const Product product : {Product::integration, Product::applink}) {
    names.push_back(settings_file(product));
    names.push_back(std::string(program(product)) + ".yml");
  }
  return names;
}

std::optional<std::string> known_file_in(const App& app, const std::string& directory) {
  for (const std::string& name : known_names()) {
    if (app.read(in_directory(directory, name))) return in_directory(directory, name);
  }
  return std::nullopt;
}

// A file of these names one level below the root, in one of the first directories: an app may have thousands of files.
std::optional<std::string> misplaced_file(const App& app) {
  constexpr std::array<std::string_view, 2> kForeign = {"node_modules", "vendor"};
  constexpr std::size_t kMaxDirectories = 40;
  std::size_t tried = 0;
  for (const std::string& name : app.list("")) {
    const bool is_foreign = std::ranges::find(kForeign, name) != kForeign.end();
    if (is_foreign || name.find('.') != std::string::npos) continue;
    if (++tried > kMaxDirectories) return std::nullopt;
    if (auto path = known_file_in(app, name)) return path;
  }
  return std::nullopt;
}

}  // namespace

MeshYaml check_mesh_yaml(std::string_view content, const std::string& path, const App& app) {
  if (content.size() > kMaxBytes || is_deep(content) || is_deeply_indented(content)) {
    return {.findings = {make_finding(Problem::yaml_invalid, path, {"it is too large or too deeply nested"})}};
  }
  Reader reader(content, path, app);
  if (reader.find_tabs()) return reader.read(YAML::Node(YAML::NodeType::Map));
  return read_safely(reader, content, path);
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
    const std::string right = in_directory(directory, expected);
    return {.findings = {make_finding(Problem::yaml_wrong_name, *other, {expected}, "git mv " + *other + " " + right)}};
  }
  if (const auto misplaced = misplaced_file(app)) {
    return {.findings = {make_finding(Problem::yaml_not_in_root, *misplaced, {}, "git mv " + *misplaced + " " + expected)}};
  }
  return {};
}

}  // namespace mesh::procfile
