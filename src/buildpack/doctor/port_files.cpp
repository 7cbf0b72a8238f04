#include "buildpack/doctor/port_files.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>

#include "common/text.h"

namespace mesh::buildpack::doctor {

using procfile::App;
using procfile::Command;
using procfile::one_of;
using procfile::path_in_app;
using procfile::Scope;
using procfile::Token;
namespace {

using Kind = PortValue::Kind;
constexpr auto kEnd = std::string_view::npos;
constexpr std::size_t kMaxYaml = 64 * 1024;
constexpr int kJavaPort = 8080;  // of every framework below

// What names the port of an app that is started as a jar.
struct JavaFramework {
  std::string_view dependency;  // in its build file
  std::string_view key;         // in its configuration file
};

constexpr std::array kJavaFrameworks = {
    JavaFramework{"spring-boot", "server.port"},
    JavaFramework{"quarkus", "quarkus.http.port"},
    JavaFramework{"micronaut", "micronaut.server.port"},
};

bool is_in_name(char c) { return text::is_alphanumeric(c) || c == '_'; }

PortValue number_or_unknown(std::string_view text) {
  const auto number = parse_port(text);
  return number ? PortValue{Kind::number, *number} : PortValue{};
}

// The names in a text, in their order.
std::vector<std::string_view> names_in(std::string_view text) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < text.size();) {
    const auto length =
        static_cast<std::size_t>(std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(i), text.end(), is_in_name) -
                                 text.begin()) -
        i;
    if (length > 0 && !text::is_digit(text[i])) names.push_back(text.substr(i, length));
    i += std::max<std::size_t>(length, 1);
  }
  return names;
}

// Whether a text reads a variable such as GUNICORN_BIND before PORT, which would count instead.
bool reads_another_before_port(std::string_view text) {
  for (const std::string_view name : names_in(text)) {
    if (name == "PORT") return false;
    const bool is_constant = name.size() > 2 && std::ranges::none_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
    if (is_constant && name != "ENV" && !name.ends_with("HOST")) return true;
  }
  return false;
}

// The port in a text if it is the only number: "3000", "'0.0.0.0:8000'".
PortValue literal_port(std::string_view text) {
  if (text.find_first_of("$#{+%[") != kEnd || text::lower(text).find("env") != kEnd) return {};
  text = text.substr(0, text.find_last_not_of("'\")} \t,;") + 1);
  const std::size_t before = text.find_last_not_of("0123456789");
  if (before != kEnd && text[before] == '.') return {};  // of an address
  return number_or_unknown(text.substr(before + 1));
}

// What a file assigns to a name; nullopt if it does so several times.
std::optional<std::string_view> assigned_once(std::string_view content, std::string_view name) {
  std::optional<std::string_view> found;
  for (std::string_view line : text::split(content, '\n')) {
    line = text::trim(line);
    for (const std::string_view keyword : {"const ", "let ", "var "}) {
      if (line.starts_with(keyword)) line.remove_prefix(keyword.size());
    }
    if (!line.starts_with(name) || (line.size() > name.size() && is_in_name(line[name.size()]))) continue;
    const std::size_t equals = line.find('=');
    if (equals == kEnd || line.substr(equals).starts_with("==") || line.find_first_of("(.,[") < equals) continue;
    if (found) return std::nullopt;
    found = line.substr(equals + 1);
  }
  return found;
}

// A line of a configuration file without its comment; "#{" is part of a text in Ruby.
std::string_view without_comment(std::string_view line) {
  std::size_t at = line.find('#');
  while (at != kEnd && line.substr(at).starts_with("#{")) at = line.find('#', at + 1);
  return text::trim(line.substr(0, at));
}

// The port that the lines of these keys name in a configuration file; nullopt if there are none.
std::optional<PortValue> port_in_file(std::string_view content, std::string_view keys) {
  // Older versions of Rack read options from the first line of config.ru.
  if (content.find("APP_PORT") != kEnd || content.starts_with("#\\")) return PortValue{};
  if (keys == kWholeFile) return reads_port(content) ? PortValue{Kind::public_port} : PortValue{};
  std::optional<PortValue> result;
  for (const std::string_view raw : text::split(content, '\n')) {
    const std::string_view line = without_comment(raw);
    const auto is_in_line = [&](std::string_view key) {
      const std::size_t at = key.empty() ? kEnd : line.find(key);
      return at != kEnd && (at == 0 || !is_in_name(line[at - 1]));
    };
    if (std::ranges::none_of(text::split(keys, ' '), is_in_line)) continue;
    const std::size_t end = std::min(line.find_first_of(" =:(\t"), line.size());
    if (!one_of(line.substr(0, end), keys)) return PortValue{};
    const PortValue port = port_of_expression(line.substr(end), content);
    if (result && (result->kind != port.kind || result->number != port.number)) return PortValue{};
    result = port;
  }
  return result;
}

// The value of a key with dots in a YAML mapping, whose own keys may have dots.
// NOLINTNEXTLINE(misc-no-recursion): bounded by the length of the key
std::optional<std::string> yaml_value(const YAML::Node& node, std::string_view key) {
  if (key.empty()) return node.IsScalar() ? std::optional(node.Scalar()) : std::nullopt;
  if (!node.IsMap()) return std::nullopt;
  for (const auto& item : node) {
    const std::string name = item.first.IsScalar() ? item.first.Scalar() : "";
    if (name.empty() || !key.starts_with(name) || (key.size() > name.size() && key[name.size()] != '.')) continue;
    if (auto value = yaml_value(item.second, key.substr(std::min(name.size() + 1, key.size())))) return value;
  }
  return std::nullopt;
}

// The value of a key in a YAML file; "?" if it depends on a profile, or the file cannot be read.
std::optional<std::string> value_in_yaml(const std::string& content, std::string_view key) {
  const std::string unknown(procfile::kUnknown);
  if (content.size() > kMaxYaml) return unknown;
  try {
    std::optional<std::string> result;
    const std::vector<YAML::Node> documents = YAML::LoadAll(content);
    for (const YAML::Node& document : documents) {
      const auto value = yaml_value(document, key);
      if (value && documents.size() > 1) return unknown;
      result = value;
    }
    return result;
  } catch (const std::exception&) {
    return unknown;
  }
}

std::optional<std::string> value_in_properties(std::string_view content, std::string_view key) {
  std::optional<std::string> result;
  for (const std::string_view raw : text::split(content, '\n')) {
    const std::string_view line = text::trim(raw);
    if (line.starts_with("#---")) return std::string(procfile::kUnknown);  // several documents
    const std::size_t end = std::min(line.find_first_of("=: \t"), line.size());
    if (line.substr(0, end) != key) continue;
    const std::size_t value = std::min(line.find_first_not_of("=: \t", end), line.size());
    result = std::string(line.substr(value));
  }
  return result;
}

// The port of "${SERVER_PORT:${PORT:8080}}", as Java frameworks replace variables.
PortValue placeholder_port(std::string_view text, const Scope& program, const App& app) {
  while (text.starts_with("${") && text.ends_with('}')) {
    const std::size_t colon = std::min(text.find(':'), text.size() - 1);
    const std::string_view name = text.substr(2, colon - 2);
    if (name == "PORT") return {Kind::public_port};
    if (const auto* const value = program.exported_value(name)) return port_value(*value, program, app);
    if (!app.config || program.has_unknown || app.config_value(name)) return {};
    text = text.substr(colon + 1, std::max(text.size(), colon + 2) - colon - 2);
  }
  return number_or_unknown(text);
}

// The directory of the module that "api/target/api.jar" and "api/build/libs/*.jar" were built from.
std::string module_directory(const Command& command) {
  for (const Token& word : command.words) {
    for (const std::string_view output : {"target/", "build/libs/"}) {
      const std::size_t at = word.value.find(output);
      if (at == std::string::npos || !word.value.ends_with(".jar")) continue;
      return path_in_app(word.value.substr(0, at), command.directory).value_or(command.directory);
    }
  }
  return command.directory;
}

// The first configuration file that names the key, by how strong they are.
std::optional<std::string> java_setting(const std::string& module, const std::string& directory, std::string_view key,
                                        const App& app) {
  const std::string resources = procfile::in_directory(module, "src/main/resources");
  const std::array places = {procfile::in_directory(directory, "config"), directory, resources + "/config", resources};
  for (const std::string& place : places) {
    if (const auto text = app.read(procfile::in_directory(place, "application.properties"))) {
      if (auto value = value_in_properties(*text, key)) return value;
    }
    for (const std::string_view name : {"application.yml", "application.yaml"}) {
      const auto text = app.read(procfile::in_directory(place, name));
      if (!text) continue;
      if (auto value = value_in_yaml(*text, key)) return value;
    }
  }
  return std::nullopt;
}

// Whether a file of one profile, or a server for configuration, may name a port.
bool may_be_overridden(const std::string& module, const std::string& build, const App& app) {
  constexpr std::size_t kMaxProfiles = 20;
  const std::string resources = procfile::in_directory(module, "src/main/resources");
  std::size_t profiles = 0;
  for (const std::string& name : app.list(resources)) {
    if (!name.starts_with("application-")) continue;
    const std::string text = app.read(resources + "/" + name).value_or("port");
    if (++profiles > kMaxProfiles || text.find("port") != std::string::npos) return true;
  }
  return build.find("spring-cloud-starter-config") != std::string::npos;
}

// The port of an app that is started as a jar.
std::optional<PortValue> java_port(const Command& command, const Scope& program, const App& app) {
  const auto names_file = [](const Token& word) { return word.value.find("spring.config") != kEnd; };
  if (std::ranges::any_of(command.words, names_file)) return PortValue{};
  const std::string module = module_directory(command);
  std::string build;
  for (const std::string_view name : {"pom.xml", "build.gradle", "build.gradle.kts"}) {
    build += app.read(procfile::in_directory(module, name)).value_or("");
    if (module != command.directory) build += app.read(procfile::in_directory(command.directory, name)).value_or("");
  }
  if (may_be_overridden(module, build, app)) return PortValue{};
  for (const auto& [dependency, key] : kJavaFrameworks) {
    if (const auto value = java_setting(module, command.directory, key, app)) return placeholder_port(*value, program, app);
    const bool has_modules = module == command.directory && build.find("<modules>") != std::string::npos;
    if (build.find(dependency) != std::string::npos && !has_modules) return PortValue{Kind::number, kJavaPort};
  }
  return std::nullopt;
}

// The port of the sites of a Caddyfile: ":{$PORT} {", "http://:8080".
std::optional<PortValue> caddy_port(std::string_view content) {
  if (content.find("APP_PORT") != kEnd) return PortValue{};
  std::optional<PortValue> result;
  int depth = 0;
  for (const std::string_view raw : text::split(content, '\n')) {
    std::string_view line = without_comment(raw);
    const bool opens = line.ends_with('{');
    if (opens) line = text::trim(line.substr(0, line.size() - 1));
    if (depth == 0 && !line.empty() && line != "}") {
      const bool is_public = line.find("{$PORT}") != kEnd || line.find("{$PORT:") != kEnd;
      const PortValue port = is_public ? PortValue{Kind::public_port} : number_or_unknown(line.substr(line.rfind(':') + 1));
      if (is_public || (result && port.number != result->number)) return is_public ? port : PortValue{};
      result = port;
      if (!opens) return result;  // the file has one site, and these are its directives
    }
    depth += opens ? 1 : 0;
    depth -= line == "}" ? 1 : 0;
  }
  return result;
}

// The port that a classic app of Sinatra sets.
std::optional<PortValue> sinatra_port(std::string_view source) {
  if (source.find("APP_PORT") != kEnd || source.find("port:") != kEnd) return PortValue{};
  const std::size_t at = source.find("set :port,");
  if (at == kEnd) return std::nullopt;
  return port_of_expression(without_comment(text::first_line(source.substr(at + 10))), source);
}

std::optional<PortValue> port_in(const Server& server, std::string_view content) {
  return server.program == "caddy" ? caddy_port(content) : port_in_file(content, server.config_keys);
}

}  // namespace

PortValue port_of_expression(std::string_view expression, std::string_view content) {
  constexpr int kMaxSteps = 4;
  for (int step = 0; step < kMaxSteps; ++step) {
    if (expression.find("unix:") != kEnd) return {Kind::number, kSocket};
    if (reads_port(expression)) return reads_another_before_port(expression) ? PortValue{} : PortValue{Kind::public_port};
    if (const PortValue literal = literal_port(expression); literal.kind == Kind::number) return literal;
    std::string digits(expression);
    for (const std::string_view address : {"0.0.0.0", "127.0.0.1"}) {
      if (const std::size_t at = digits.find(address); at != kEnd) digits.erase(at, address.size());
    }
    if (std::ranges::any_of(digits, text::is_digit)) return {};  // it may calculate
    std::optional<std::string_view> next;
    for (const std::string_view name : names_in(expression)) {
      if (const auto value = assigned_once(content, name)) next = value;
    }
    if (!next) return {};
    expression = *next;
  }
  return {};
}

bool reads_port(std::string_view text) {
  constexpr std::string_view kName = "PORT";
  constexpr std::size_t kMaxBefore = 40;
  const auto continues = [](char c) { return c == '_' || text::is_upper(c) || text::is_digit(c); };
  for (std::size_t at = text.find(kName); at != kEnd; at = text.find(kName, at + 1)) {
    const std::size_t end = at + kName.size();
    if ((at > 0 && continues(text[at - 1])) || (end < text.size() && continues(text[end]))) continue;
    std::string_view before = text.substr(at - std::min(at, kMaxBefore), std::min(at, kMaxBefore));
    before.remove_prefix(before.find_last_of(" \t\r\n") + 1);
    if (before.ends_with("${") || text::lower(before).find("env") != kEnd) return true;
  }
  return false;
}

std::optional<PortValue> port_by_file(const Command& command, const Started& started, const Scope& program, const App& app) {
  const Server& server = *started.server;
  if (server.program == "java") return java_port(command, program, app);
  const auto read = [&](std::string_view name) {
    const auto path = path_in_app(name, command.directory);
    return path ? app.read(*path) : std::nullopt;
  };
  if (server.program == "sinatra") return sinatra_port(read(command.words[started.file].value).value_or(""));
  for (std::size_t i = started.program + 1; i < command.words.size(); ++i) {
    const auto named = flag_value(command.words, i, server.config_flags);
    if (!named) continue;
    const auto content = read(named->text);
    return content ? port_in(server, *content) : PortValue{};
  }
  for (const std::string_view name : text::split(server.config_files, ' ')) {
    if (const auto content = read(name)) return port_in(server, *content);
  }
  return std::nullopt;
}

}  // namespace mesh::buildpack::doctor
