#include "procfile/ports.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace mesh::procfile {
namespace {

using Kind = PortValue::Kind;
constexpr int kMaxIndirection = 4;
constexpr int kSpringBootPort = 8080;

// With these a program of any kind is told where to listen.
constexpr std::string_view kUsualPortFlags = "--port -p -port --http-port --server-port -Dhttp.port= -Dserver.port=";
constexpr std::string_view kUsualAddressFlags = "-b --bind --listen -listen --addr -addr --address --urls";

// How programs read the variable PORT, by language.
constexpr std::array<std::string_view, 17> kReadsPort = {"process.env.PORT",
                                                         "process.env[\"PORT\"]",
                                                         "process.env['PORT']",
                                                         "environ[\"PORT\"]",
                                                         "environ['PORT']",
                                                         "environ.get(\"PORT\"",
                                                         "environ.get('PORT'",
                                                         "getenv(\"PORT\"",
                                                         "getenv('PORT'",
                                                         "Getenv(\"PORT\"",
                                                         "ENV[\"PORT\"]",
                                                         "ENV['PORT']",
                                                         "ENV.fetch(\"PORT\"",
                                                         "ENV.fetch('PORT'",
                                                         "${PORT",
                                                         "get_env(\"PORT\"",
                                                         "EnvironmentVariable(\"PORT\""};

PortValue number_or_unknown(std::string_view text) {
  const auto number = parse_port(text);
  return number ? PortValue{Kind::number, *number} : PortValue{};
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxIndirection
PortValue resolved(std::string_view value, const std::vector<Expansion>& expansions, const Scope& scope, const App& app,
                   int depth) {
  const Expansion* const expansion = sole_expansion(value, expansions);
  if (expansion == nullptr || depth > kMaxIndirection) return expansions.empty() ? number_or_unknown(value) : PortValue{};
  if (const auto bound = scope.find(expansion->name); bound != scope.end()) {
    if (!bound->second.sure) return {};
    return resolved(bound->second.value, bound->second.expansions, scope, app, depth + 1);
  }
  if (expansion->name == "PORT") return {Kind::public_port};
  if (scope.contains(kReadFile)) return {};
  if (const auto set = app.config_value(expansion->name)) {
    PortValue result = number_or_unknown(*set);
    result.secret = true;
    return result;
  }
  // Where config vars are not known, the fallback is the best guess.
  return expansion->fallback ? number_or_unknown(*expansion->fallback) : PortValue{};
}

// The port of "0.0.0.0:3000", "tcp://[::]:3000", "http://*:$PORT;https://...", "3000"; unknown for any other address.
PortValue address_port(std::string_view address, const std::vector<Expansion>& expansions, const Scope& scope,
                       const App& app) {
  const std::size_t braces = address.rfind("${");
  address = address.substr(0, address.find_first_of(";,"));
  const std::size_t colon = address.substr(0, braces).rfind(':');
  if (address.starts_with("unix:") || address.starts_with("fd:")) return {};
  std::string_view port = colon == std::string_view::npos ? address : address.substr(colon + 1);
  while (port.ends_with('/')) port.remove_suffix(1);
  std::vector<Expansion> used;
  for (const Expansion& expansion : expansions) {
    if (port.find(expansion.name) != std::string_view::npos) used.push_back(expansion);
  }
  return resolved(port, used, scope, app, 0);
}

// The value of a flag at a word, and the word that it is in.
struct FlagValue {
  std::size_t word;
  std::string_view value;
};

std::optional<FlagValue> flag_value(const std::vector<Token>& words, std::size_t i, std::string_view flags) {
  const std::string_view word = words[i].value;
  const bool is_bare = i > 0 && one_of(words[i - 1].value, flags);
  if (is_bare && (!word.starts_with('-') || words[i - 1].value.starts_with('-'))) return FlagValue{i, word};
  for (const std::string_view flag : text::split(flags, ' ')) {
    if (flag.size() < 2 || !word.starts_with(flag) || word.size() == flag.size()) continue;
    const std::string_view rest = word.substr(flag.size());
    if (flag.ends_with('=')) return FlagValue{i, rest};
    if (rest.starts_with('=')) return FlagValue{i, rest.substr(1)};
    if (flag.size() == 2 && flag[0] == '-') return FlagValue{i, rest};
  }
  return std::nullopt;
}

// What a configuration file says, where one is read.
enum class FileSays { nothing, public_port, number, unknown };

struct ConfigFile {
  FileSays says = FileSays::nothing;
  int number = 0;
};

bool reads_port(std::string_view text) {
  return std::ranges::any_of(kReadsPort, [&](std::string_view pattern) {
    for (std::size_t at = text.find(pattern); at != std::string_view::npos; at = text.find(pattern, at + 1)) {
      const std::size_t behind = at + pattern.size();
      const char next = behind < text.size() ? text[behind] : ' ';
      const bool goes_on = (next >= 'A' && next <= 'Z') || next == '_' || (next >= '0' && next <= '9');
      if (!goes_on) return true;  // "process.env.PORTAL" is another variable
    }
    return false;
  });
}

// A line's code: without a comment and the spaces around it.
std::string_view code_of(std::string_view line) { return text::trim(line.substr(0, line.find('#'))); }

// The only number in a line that is a port: "port 3000", "bind = '0.0.0.0:8000'".
std::optional<int> literal_port(std::string_view line) {
  line = line.substr(0, line.find_last_not_of("'\")} \t,;") + 1);
  const std::size_t digits = line.find_last_not_of("0123456789") + 1;
  const bool is_plain =
      line.find_first_of("$#{+%[") == std::string_view::npos && text::lower(line).find("env") == std::string::npos;
  return is_plain ? parse_port(line.substr(digits)) : std::nullopt;
}

ConfigFile read_config_file(std::string_view content, std::string_view keys) {
  if (content.find("APP_PORT") != std::string_view::npos) return {FileSays::unknown};
  ConfigFile result;
  for (const std::string_view raw : text::split(content, '\n')) {
    const std::string_view line = code_of(raw);
    const bool is_key = one_of(line.substr(0, line.find_first_of(" =(\t")), keys);
    const bool names_key = std::ranges::any_of(text::split(keys, ' '), [&](std::string_view key) {
      return !key.empty() && line.find(key) != std::string_view::npos;
    });
    if (!is_key && !names_key) continue;
    if (result.says != FileSays::nothing || !is_key) return {FileSays::unknown};
    const auto number = literal_port(line);
    result = reads_port(raw) ? ConfigFile{FileSays::public_port}
                             : (number ? ConfigFile{FileSays::number, *number} : ConfigFile{FileSays::unknown});
  }
  return result;
}

ConfigFile config_file_of(const std::vector<Token>& words, const Started& started, const std::string& directory,
                          const App& app) {
  const Server& server = *started.server;
  const auto in_directory = [&](std::string_view path) { return path_in_app(path, directory); };
  for (std::size_t i = started.arguments; i < words.size(); ++i) {
    const auto named = flag_value(words, i, server.config_flags);
    if (!named) continue;
    const auto path = in_directory(named->value);
    const auto content = path ? app.read(*path) : std::nullopt;
    return content ? read_config_file(*content, server.config_keys) : ConfigFile{FileSays::unknown};
  }
  const auto is_profile = [](const std::string& name) { return name.starts_with("application-"); };
  if (server.program == "java" && std::ranges::any_of(app.list(*in_directory("src/main/resources")), is_profile)) {
    return {FileSays::unknown};
  }
  for (const std::string_view name : text::split(server.config_files, ' ')) {
    const auto path = name.empty() ? std::nullopt : in_directory(name);
    const auto content = path ? app.read(*path) : std::nullopt;
    if (content) return read_config_file(*content, server.config_keys);
  }
  return {};
}

// The port that a variable of the program gives it.
std::optional<PortValue> by_variable(const Server& server, const Scope& scope, const App& app) {
  for (const std::string_view name : text::split(server.variables, ' ')) {
    if (name.empty()) continue;
    if (const auto bound = scope.find(name); bound != scope.end() && bound->second.exported) {
      if (!bound->second.sure) return PortValue{};
      return address_port(bound->second.value, bound->second.expansions, scope, app);
    }
    if (app.config_value(name)) return PortValue{};
  }
  if (scope.contains("GUNICORN_CMD_ARGS") || app.config_value("GUNICORN_CMD_ARGS")) return PortValue{};
  return std::nullopt;
}

// A Spring Boot app none of whose configuration files says anything about a port.
bool is_spring_boot(const std::string& directory, const App& app) {
  constexpr std::array<std::string_view, 3> kBuildFiles = {"pom.xml", "build.gradle", "build.gradle.kts"};
  const bool is_spring = std::ranges::any_of(kBuildFiles, [&](std::string_view name) {
    const auto path = path_in_app(name, directory);
    return app.read(*path).value_or("").find("spring-boot") != std::string::npos;
  });
  if (!is_spring) return false;
  const std::string resources = *path_in_app("src/main/resources", directory);
  return std::ranges::none_of(app.list(resources), [&](const std::string& name) {
    return name.starts_with("application") &&
           app.read(resources + "/" + name).value_or("port").find("port") != std::string::npos;
  });
}

PortValue by_port_variable(const Scope& scope, const App& app) {
  const auto bound = scope.find("PORT");
  if (bound == scope.end() || !bound->second.exported) {
    return scope.contains(kReadFile) ? PortValue{} : PortValue{Kind::public_port};
  }
  if (!bound->second.sure) return {};
  Scope outside = scope;
  outside.erase("PORT");
  return resolved(bound->second.value, bound->second.expansions, outside, app, 0);
}

}  // namespace

bool Listening::is_public() const { return std::ranges::find(ports, Kind::public_port, &PortValue::kind) != ports.end(); }

std::optional<PortValue> Listening::other_than(int port) const {
  const auto may_be_right = [&](const PortValue& value) { return value.kind != Kind::number || value.number == port; };
  return ports.empty() || std::ranges::any_of(ports, may_be_right) ? std::nullopt : std::optional(ports.front());
}

std::optional<std::string> App::config_value(std::string_view name) const {
  if (!config) return std::nullopt;
  const auto value = config->get(name);
  if (!value || text::trim(*value).empty()) return std::nullopt;
  return std::string(text::trim(*value));
}

std::optional<int> parse_port(std::string_view digits) {
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number < 1 || number > 65535) return std::nullopt;
  return number;
}

PortValue port_value(std::string_view value, const std::vector<Expansion>& expansions, const Scope& scope, const App& app) {
  return resolved(value, expansions, scope, app, 0);
}

AppPort app_port_of(const std::vector<Token>& assignments, const Scope& scope, const App& app) {
  using From = AppPort::From;
  const auto spelled = [](const PortValue& value) {
    return std::to_string(value.kind == Kind::number && !value.secret ? value.number : kDefaultAppPort);
  };
  for (const Token& assignment : assignments) {
    if (assigned_name(assignment) != "APP_PORT") continue;
    const PortValue value = resolved(assigned_value(assignment), assignment.expansions, scope, app, 0);
    return {From::command, value, false, value.secret ? "$APP_PORT" : spelled(value)};
  }
  const auto bound = scope.find("APP_PORT");
  const bool hidden = bound != scope.end() && !bound->second.exported;
  if (bound != scope.end() && bound->second.exported) {
    const PortValue value =
        bound->second.sure ? resolved(bound->second.value, bound->second.expansions, scope, app, 0) : PortValue{};
    return {From::shell, value, false, "$APP_PORT"};
  }
  if (scope.contains(kReadFile)) return {From::unknown, {}, hidden};
  if (const auto set = app.config_value("APP_PORT")) {
    PortValue value = number_or_unknown(*set);
    value.secret = true;
    return {From::config, value, false, "$APP_PORT"};
  }
  if (app.settings_port) {
    const PortValue value{Kind::number, *app.settings_port};
    return {From::settings_file, value, hidden, spelled(value)};
  }
  if (!app.config && !hidden) return {From::unknown};
  return {From::nowhere, {Kind::number, kDefaultAppPort}, hidden};
}

Listening listening_of(const std::vector<Token>& words, const Started& started, const std::string& directory,
                       const Scope& shell, const Scope& program, const App& app) {
  const Server* const server = started.server;
  Listening result;
  for (std::size_t i = started.arguments; i < words.size(); ++i) {
    const auto port = flag_value(words, i, server == nullptr ? kUsualPortFlags : server->port_flags);
    const auto address = flag_value(words, i, server == nullptr ? kUsualAddressFlags : server->address_flags);
    const auto found = port ? port : address;
    if (!found || found->value.empty()) continue;
    const PortValue value = port ? resolved(found->value, words[i].expansions, shell, app, 0)
                                 : address_port(found->value, words[i].expansions, shell, app);
    result.ports.push_back(value);
    result.words.push_back(i);
  }
  if (server == nullptr) return result.is_public() ? result : Listening{};
  if (result.is_told()) return result;
  if (const auto value = by_variable(*server, program, app)) {
    result.ports = {*value};
    return result;
  }
  const ConfigFile file = config_file_of(words, started, directory, app);
  const bool is_spring = server->program == "java" && file.says == FileSays::nothing && is_spring_boot(directory, app);
  result.by_file = file.says == FileSays::public_port || file.says == FileSays::number;
  if (file.says == FileSays::unknown) return result;
  if (file.says == FileSays::number) {
    result.ports = {{Kind::number, file.number}};
  } else if (file.says == FileSays::public_port || server->untold == Untold::port_variable) {
    result.ports = {by_port_variable(program, app)};
  } else if (is_spring) {
    result.ports = {{Kind::number, kSpringBootPort}};
  } else if (server->untold != Untold::unknown && server->default_port > 0) {
    result.ports = {{Kind::number, server->default_port}};
  }
  return result;
}

std::optional<int> port_in_source(const std::string& path, const App& app) {
  const std::string source = app.read(path).value_or("");
  if (source.find("PORT") != std::string::npos) return std::nullopt;
  std::optional<int> found;
  for (const std::string_view call : {"listen(", "port="}) {
    for (std::size_t at = source.find(call); at != std::string::npos; at = source.find(call, at + 1)) {
      const std::string_view value = std::string_view(source).substr(at + call.size());
      const auto port = parse_port(value.substr(0, value.find_first_not_of("0123456789")));
      if (found && port && *found != *port) return std::nullopt;
      if (port) found = port;
    }
  }
  return found;
}

std::optional<std::string> reads_port_alone(const std::string& path, const App& app) {
  constexpr std::array<std::string_view, 8> kSources = {".js", ".mjs", ".cjs", ".ts", ".py", ".rb", ".go", ".cs"};
  if (std::ranges::none_of(kSources, [&](std::string_view ending) { return path.ends_with(ending); })) return std::nullopt;
  const auto source = app.read(path);
  if (!source || source->find("APP_PORT") != std::string::npos || !reads_port(*source)) return std::nullopt;
  const auto lines = text::split(*source, '\n');
  const auto line = std::ranges::find_if(lines, reads_port) - lines.begin();
  return path + ":" + std::to_string(line + 1);
}

}  // namespace mesh::procfile
