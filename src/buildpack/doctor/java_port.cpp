#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>

#include "buildpack/doctor/port_files.h"
#include "common/text.h"

namespace mesh::buildpack::doctor {

using procfile::App;
using procfile::Command;
using procfile::in_directory;
using procfile::path_in_app;
using procfile::Scope;
using procfile::Token;
namespace {

using Kind = PortValue::Kind;
constexpr std::size_t kMaxYaml = 64 * 1024;
constexpr int kMaxEntries = 10'000;  // of a YAML file
constexpr int kJavaPort = 8080;      // of every framework below

// A framework of apps that are started as a jar.
struct JavaFramework {
  std::string_view dependencies;  // any of them in its build file
  std::string_view key;           // of the port in its configuration file
};

constexpr std::array kJavaFrameworks = {
    JavaFramework{"spring-boot-starter-web spring-boot-starter-parent", "server.port"},
    JavaFramework{"quarkus-rest", "quarkus.http.port"},
    JavaFramework{"micronaut-http-server", "micronaut.server.port"},
};

// The value of a key with dots in a YAML mapping, whose own keys may have dots; "?" where it would look at more entries than
// `left`, which aliases multiply.
// NOLINTNEXTLINE(misc-no-recursion): bounded by the length of the key
std::optional<std::string> yaml_value(const YAML::Node& node, std::string_view key, int& left) {
  if (key.empty()) return node.IsScalar() ? std::optional(node.Scalar()) : std::nullopt;
  if (!node.IsMap()) return std::nullopt;
  for (const auto& item : node) {
    if (--left < 0) return std::string(procfile::kUnknown);
    const std::string name = item.first.IsScalar() ? item.first.Scalar() : "";
    if (name.empty() || !key.starts_with(name) || (key.size() > name.size() && key[name.size()] != '.')) continue;
    if (auto value = yaml_value(item.second, key.substr(std::min(name.size() + 1, key.size())), left)) return value;
  }
  return std::nullopt;
}

// The value of a key in a YAML file; "?" if it depends on a profile, or the file cannot be read.
std::optional<std::string> value_in_yaml(const std::string& content, std::string_view key) {
  const std::string unknown(procfile::kUnknown);
  if (content.size() > kMaxYaml) return unknown;
  try {
    int left = kMaxEntries;
    std::optional<std::string> result;
    const std::vector<YAML::Node> documents = YAML::LoadAll(content);
    for (const YAML::Node& document : documents) {
      const auto value = yaml_value(document, key, left);
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

// The directory of the module that "api/target/api.jar" and "api/build/libs/*.jar" were built from; nullopt if the jar was
// not built here, or an argument may name its port.
std::optional<std::string> module_directory(const Command& command) {
  std::optional<std::string> module;
  for (const Token& word : command.words) {
    if (!word.value.ends_with(".jar")) {
      if (!procfile::assigned_name(word) && text::lower(word.value).find("port") != std::string::npos) return std::nullopt;
      continue;
    }
    for (const std::string_view output : {"target/", "build/libs/"}) {
      const std::size_t at = word.value.find(output);
      if (at == std::string::npos || module) continue;
      module = path_in_app(word.value.substr(0, at), command.directory).value_or(command.directory);
    }
  }
  return module;
}

// A build file without its comments.
std::string without_comments(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const bool is_xml = text.starts_with("<!--");
    const bool is_comment = is_xml || text.starts_with("/*");
    const std::size_t end = is_comment ? text.find(is_xml ? "-->" : "*/", 2) : text.find_first_of("</", 1);
    if (!is_comment) result += text.substr(0, end);
    const std::size_t next = is_comment && end != std::string_view::npos ? end + 2 : end;
    text = text.substr(std::min(next, text.size()));
  }
  std::string code;
  for (const std::string_view line : text::split(result, '\n')) {
    if (!text::trim(line).starts_with("//")) code += std::string(line) + "\n";
  }
  return code;
}

// Whether the sources in the topmost package, where the main class is, may set the port.
bool may_be_set_by_source(const std::string& module, const App& app) {
  constexpr int kMaxDepth = 10;
  constexpr std::size_t kMaxSources = 50;
  for (const std::string_view language : {"src/main/java", "src/main/kotlin"}) {
    std::string package = in_directory(module, language);
    auto names = app.list(package);
    for (int depth = 0; depth < kMaxDepth && names.size() == 1 && names[0].find('.') == std::string::npos; ++depth) {
      package = in_directory(package, names[0]);
      names = app.list(package);
    }
    if (names.size() > kMaxSources) return true;
    for (const std::string& name : names) {
      const std::string source = app.read(in_directory(package, name)).value_or("");
      for (const std::string_view word : {"server.port", "APP_PORT", "setDefaultProperties", "setPort("}) {
        if (source.find(word) != std::string::npos) return true;
      }
    }
  }
  return false;
}

// The value in the first configuration file that names the key, by how strong they are; "?" if one cannot be read.
std::optional<std::string> java_setting(const std::string& module, const std::string& directory, std::string_view key,
                                        const App& app) {
  const std::string resources = in_directory(module, "src/main/resources");
  const std::array places = {in_directory(directory, "config"), directory, in_directory(resources, "config"), resources};
  for (const std::string& place : places) {
    for (const std::string_view name : {"application.properties", "application.yml", "application.yaml"}) {
      const std::string path = in_directory(place, name);
      const auto text = app.read(path);
      if (!text && is_unreadable(path, app)) return std::string(procfile::kUnknown);
      if (!text) continue;
      auto value = name.ends_with("properties") ? value_in_properties(*text, key) : value_in_yaml(*text, key);
      if (value) return value;
    }
  }
  return std::nullopt;
}

// Whether a file of one profile, or a server for configuration, may name a port.
bool may_be_overridden(const std::string& module, const std::string& build, const App& app) {
  constexpr std::size_t kMaxProfiles = 20;
  const std::string resources = in_directory(module, "src/main/resources");
  std::size_t profiles = 0;
  for (const std::string& name : app.list(resources)) {
    if (!name.starts_with("application-")) continue;
    const std::string text = app.read(in_directory(resources, name)).value_or("port");
    if (++profiles > kMaxProfiles || text.find("port") != std::string::npos) return true;
  }
  return build.find("spring-cloud-starter-config") != std::string::npos;
}

}  // namespace

std::optional<PortValue> java_port(const Command& command, const Scope& program, const App& app) {
  const auto names_file = [](const Token& word) { return word.value.find("spring.config") != std::string::npos; };
  if (std::ranges::any_of(command.words, names_file)) return PortValue{};
  const auto built_from = module_directory(command);
  if (!built_from) return std::nullopt;
  const std::string& module = *built_from;
  std::string build;
  for (const std::string_view name : {"pom.xml", "build.gradle", "build.gradle.kts"}) {
    build += app.read(in_directory(module, name)).value_or("");
    if (module != command.directory) build += app.read(in_directory(command.directory, name)).value_or("");
  }
  if (may_be_overridden(module, build, app)) return PortValue{};
  build = without_comments(build);
  const auto is_in_build = [&](std::string_view dependency) { return build.find(dependency) != std::string::npos; };
  for (const auto& [dependencies, key] : kJavaFrameworks) {
    if (const auto value = java_setting(module, command.directory, key, app)) return placeholder_port(*value, program, app);
    const bool has_modules = module == command.directory && build.find("<modules>") != std::string::npos;
    if (has_modules || std::ranges::none_of(text::split(dependencies, ' '), is_in_build)) continue;
    return may_be_set_by_source(module, app) ? PortValue{} : PortValue{Kind::number, kJavaPort};
  }
  return std::nullopt;
}

}  // namespace mesh::buildpack::doctor
