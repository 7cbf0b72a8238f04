#include "buildpack/doctor/ports.h"

#include <algorithm>
#include <charconv>

#include "buildpack/doctor/port_files.h"
#include "common/text.h"

namespace mesh::buildpack::doctor {

using procfile::App;
using procfile::assigned_name;
using procfile::Command;
using procfile::expanded;
using procfile::Expansion;
using procfile::exported;
using procfile::one_of;
using procfile::path_in_app;
using procfile::Scope;
using procfile::Token;
using procfile::Value;
namespace {

using Kind = PortValue::Kind;
constexpr auto kEnd = std::string_view::npos;

// Flags by which programs of any kind take the port or the address to listen on.
constexpr std::string_view kUsualPortFlags = "--port -p -port --http-port --server-port -Dhttp.port= -Dserver.port=";
constexpr std::string_view kUsualAddressFlags = "-b --bind --listen -listen --addr -addr --address --urls";
// Variables by which programs that frameworks build take it.
constexpr std::string_view kUsualVariables =
    "ROCKET_PORT ASPNETCORE_URLS ASPNETCORE_HTTP_PORTS DOTNET_URLS DOTNET_HTTP_PORTS SERVER_PORT QUARKUS_HTTP_PORT "
    "MICRONAUT_SERVER_PORT";

// The port of "0.0.0.0:3000", "tcp://[::]:3000", "http://*:$PORT;https://...", "3000".
Value port_of_address(Value address) {
  constexpr std::size_t kMaxLength = 300;
  if (address.text.size() > kMaxLength) return {std::string(procfile::kUnknown)};
  std::string_view port = address.text;
  port = port.substr(0, port.find_first_of(";,"));
  if (const std::size_t named = port.find("port="); named != kEnd) {  // "tcp:port=3000:interface=0.0.0.0" of daphne
    port = port.substr(named + 5);
    port = port.substr(0, port.find(':'));
  }
  port.remove_prefix(port.substr(0, port.rfind("${")).rfind(':') + 1);
  while (port.ends_with('/')) port.remove_suffix(1);
  std::erase_if(address.expansions, [&](const Expansion& each) { return port.find(each.text) == kEnd; });
  address.text = std::string(port);
  return address;
}

// The port that a variable of the program gives it.
std::optional<PortValue> port_by_variable(std::string_view variables, const Scope& scope, const App& app) {
  for (const std::string_view name : text::split(variables, ' ')) {
    if (const Value* const value = scope.exported_value(name)) return port_value(port_of_address(*value), scope, app);
    if (app.config_value(name)) return PortValue{};
  }
  const auto is_set = [&](std::string_view name) { return scope.contains(name) || app.config_value(name); };
  constexpr std::string_view kMayNamePort =
      "GUNICORN_CMD_ARGS SPRING_APPLICATION_JSON SPRING_CONFIG_LOCATION SPRING_CONFIG_ADDITIONAL_LOCATION "
      "SPRING_CONFIG_IMPORT SPRING_CONFIG_NAME JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS";
  return std::ranges::any_of(text::split(kMayNamePort, ' '), is_set) ? std::optional(PortValue{}) : std::nullopt;
}

// The variable PORT as the program sees it.
PortValue port_variable(const Scope& scope, const App& app) {
  if (const auto own = own_port_variable(scope, app)) return *own;
  return scope.has_unknown ? PortValue{} : PortValue{Kind::public_port};
}

// Whether a word is replaced by a variable that may contain flags: "gunicorn app:app $ARGS".
bool may_add_flags(const std::vector<Token>& words, std::size_t at, const Scope& shell, const App& app) {
  const Token& word = words[at];
  const Value value{word.value, word.expansions};
  const Expansion* const variable = word.quoted || words[at - 1].value.starts_with('-') ? nullptr : value.sole_expansion();
  if (variable == nullptr) return false;
  return !app.config || shell.contains(variable->name) || shell.has_unknown || app.config_value(variable->name);
}

// Where a program listens of which only the command is known: on $PORT, if that says so.
Listening listening_of_unknown(const Command& command, const Started& started, const Scope& shell, const Scope& program,
                               const App& app) {
  const auto& words = command.words;
  for (std::size_t i = started.file + 1; i < words.size(); ++i) {  // "node server.js $PORT"
    const Value value{words[i].value, words[i].expansions};
    const bool is_bare = value.sole_expansion() != nullptr && !words[i - 1].value.starts_with('-');
    if (is_bare && port_value(value, shell, app).kind == Kind::public_port) return {{{Kind::public_port}}, true};
  }
  const auto port = port_by_variable(kUsualVariables, program, app);
  if (!port || port->kind != Kind::public_port) return {};
  return {.ports = {*port}, .by_variable = true};
}

}  // namespace

std::optional<Value> flag_value(const std::vector<Token>& words, std::size_t i, std::string_view flags) {
  const std::string_view word = words[i].value;
  const auto value = [&](std::string_view text) { return Value{std::string(text), words[i].expansions}; };
  const auto is_flag = [&](std::size_t at) { return words[at].value.starts_with('-'); };
  if (i > 0 && is_flag(i - 1) && one_of(words[i - 1].value, flags)) return value(word);
  if (i > 0 && !is_flag(i)) {
    std::size_t subcommand = i - 1;  // "runserver --noreload 0:3000"
    while (subcommand > 0 && is_flag(subcommand)) --subcommand;
    if (!is_flag(subcommand) && one_of(words[subcommand].value, flags)) return value(word);
  }
  for (const std::string_view flag : text::split(flags, ' ')) {
    if (flag.size() < 2 || !word.starts_with(flag) || word.size() == flag.size()) continue;
    const std::string_view rest = word.substr(flag.size());
    if (flag.ends_with('=')) return value(rest);
    if (rest.starts_with('=')) return value(rest.substr(1));
    if (flag.size() == 2 && flag[0] == '-') return value(rest);
  }
  return std::nullopt;
}

bool Listening::is_public() const { return std::ranges::find(ports, Kind::public_port, &PortValue::kind) != ports.end(); }

std::optional<PortValue> Listening::other_than(int port) const {
  const auto may_be_right = [&](const PortValue& value) { return value.kind != Kind::number || value.number == port; };
  return ports.empty() || std::ranges::any_of(ports, may_be_right) ? std::nullopt : std::optional(ports.front());
}

std::optional<PortValue> own_port_variable(const Scope& program, const App& app) {
  const Value* const value = program.exported_value("PORT");
  return value == nullptr ? std::nullopt : std::optional(port_value(*value, program, app));
}

std::optional<int> parse_port(std::string_view digits) {
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number < 1 || number > 65535) return std::nullopt;
  return number;
}

PortValue number_or_unknown(std::string_view text) {
  const auto number = parse_port(text);
  return number ? PortValue{Kind::number, *number} : PortValue{};
}

PortValue port_value(const Value& written, const Scope& scope, const App& app) {
  const Value value = expanded(written, scope);
  if (value.expansions.empty()) return number_or_unknown(value.text);
  const Expansion* const expansion = value.sole_expansion();
  if (expansion == nullptr) return {};
  if (expansion->name == "PORT") return {Kind::public_port};
  if (scope.has_unknown) return {};
  if (const auto set = app.config_value(expansion->name)) {
    PortValue result = number_or_unknown(*set);
    result.secret = true;
    return result;
  }
  // Where config vars are not known, the fallback is the best guess.
  return expansion->fallback ? number_or_unknown(*expansion->fallback) : PortValue{};
}

AppPort app_port_of(const std::vector<Token>& assignments, const Scope& scope, const App& app) {
  using enum AppPort::From;
  const Scope seen = exported(scope, assignments);
  if (const auto bound = seen.find("APP_PORT"); bound != seen.end()) {
    const bool is_own =
        std::ranges::any_of(assignments, [](const Token& token) { return assigned_name(token) == "APP_PORT"; });
    return {is_own ? command : shell, port_value(bound->second.value, scope, app)};
  }
  const bool hidden = scope.contains("APP_PORT");
  if (scope.has_unknown) return {unknown, {}, hidden};
  if (app.config_value("APP_PORT")) {
    return {config, port_value({"$APP_PORT", {{.name = "APP_PORT", .text = "$APP_PORT"}}}, {}, app)};
  }
  if (app.settings_port) return {settings_file, {Kind::number, *app.settings_port}, hidden};
  if (!app.config && !hidden) return {unknown};
  return {nowhere, {Kind::number, kDefaultAppPort}, hidden};
}

Listening listening_of(const Command& command, const Started& started, const Scope& shell, const Scope& program,
                       const App& app) {
  const Server* server = started.server;
  const bool is_known = server != nullptr && !(server->port_flags.empty() && server->address_flags.empty() &&
                                               server->variables.empty() && server->config_files.empty());
  if (server != nullptr && server->untold == Untold::unknown && !is_known) server = nullptr;
  Listening result;
  for (std::size_t i = started.program + 1; i < command.words.size(); ++i) {
    auto port = flag_value(command.words, i, server == nullptr ? kUsualPortFlags : server->port_flags);
    if (!port) {
      const auto address = flag_value(command.words, i, server == nullptr ? kUsualAddressFlags : server->address_flags);
      if (address && address->text.starts_with("unix:")) {
        result.ports.push_back({Kind::number, kSocket});
      } else if (address) {
        port = port_of_address(*address);
      }
    }
    if (port && !port->text.empty()) result.ports.push_back(port_value(*port, shell, app));
  }
  result.by_arguments = !result.ports.empty();
  if (server == nullptr) return result.is_public() ? result : listening_of_unknown(command, started, shell, program, app);
  if (result.by_arguments) return result;
  for (std::size_t i = started.program + 1; i < command.words.size(); ++i) {
    if (may_add_flags(command.words, i, shell, app)) return {};
  }
  if (const auto value = port_by_variable(server->variables, program, app)) return {.ports = {*value}, .by_variable = true};
  const auto file = port_by_file(command, started, program, app);
  if (file && file->kind == Kind::unknown) return {};
  result.by_file = file.has_value();
  if (file && file->kind == Kind::number) {
    result.ports = {*file};
  } else if (file || server->untold == Untold::port_variable) {
    result.ports = {port_variable(program, app)};
  } else if (server->untold != Untold::unknown && server->default_port > 0) {
    result.ports = {{Kind::number, server->default_port}};
  }
  if (result.ports.empty()) return listening_of_unknown(command, started, shell, program, app);
  return result;
}

}  // namespace mesh::buildpack::doctor
