#include "procfile/app_port.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "base/text.h"

namespace mesh::procfile {
namespace {

constexpr int kMaxIndirection = 4;

constexpr std::array<std::string_view, 6> kPortFlags = {"--port",        "-p",   "--http-port", "--server.port",
                                                        "--server-port", "-port"};
constexpr std::array<std::string_view, 10> kPortPrefixes = {
    "--port=",        "--server.port=",       "-Dserver.port=",           "-Dhttp.port=", "--http-port=",
    "--server-port=", "-Dquarkus.http.port=", "-Dmicronaut.server.port=", "-p=",          "-port="};
constexpr std::array<std::string_view, 9> kBindFlags = {"-b",        "--bind", "-S",    "--listen", "--addr",
                                                        "--address", "--urls", "-addr", "-listen"};
constexpr std::array<std::string_view, 2> kAnyHost = {"0.0.0.0:", "[::]:"};

bool one_of(std::string_view word, std::span<const std::string_view> list) {
  return std::ranges::find(list, word) != list.end();
}

PortValue number_or_unknown(std::string_view text) {
  const auto number = parse_port(text);
  return number ? PortValue{PortValue::Kind::number, *number} : PortValue{};
}

PortValue resolved(std::string_view value, const std::vector<Expansion>& expansions, const Scope& scope,
                   const Surroundings& around, int depth) {
  const Expansion* const expansion = sole_expansion(value, expansions);
  if (expansion == nullptr || depth > kMaxIndirection) return expansions.empty() ? number_or_unknown(value) : PortValue{};
  if (const auto bound = scope.find(expansion->name); bound != scope.end()) {
    return resolved(bound->second.value, bound->second.expansions, scope, around, depth + 1);
  }
  if (expansion->name == "PORT") return {PortValue::Kind::public_port};
  if (const auto set = around.config_value(expansion->name)) {
    PortValue result = number_or_unknown(*set);
    result.secret = true;
    return result;
  }
  // Where config vars are not known, the fallback is the best guess.
  return expansion->fallback ? number_or_unknown(*expansion->fallback) : PortValue{};
}

// A piece of a word, from `skipped` bytes of its value on.
PortArgument piece_of(const Token& token, std::size_t skipped) {
  PortArgument argument{.value = token.value.substr(skipped), .expansions = token.expansions};
  if (token.raw == token.value) {
    argument.begin = token.begin + skipped;
    argument.end = token.end;
  }
  return argument;
}

// Behind the last colon: "3000" of "0.0.0.0:3000".
std::optional<PortArgument> behind_colon(const Token& token) {
  const std::size_t brace = token.value.rfind("${");
  const std::size_t colon = token.value.substr(0, brace).rfind(':');
  if (colon == std::string::npos || colon + 1 == token.value.size()) return std::nullopt;
  return piece_of(token, colon + 1);
}

std::optional<PortArgument> port_argument(const std::vector<Token>& words, std::size_t i) {
  const std::string& word = words[i].value;
  for (const std::string_view prefix : kPortPrefixes) {
    if (word.starts_with(prefix)) return piece_of(words[i], prefix.size());
  }
  if (i > 0 && one_of(words[i - 1].value, kPortFlags)) return piece_of(words[i], 0);
  const bool binds = (i > 0 && one_of(words[i - 1].value, kBindFlags)) ||
                     std::ranges::any_of(kBindFlags, [&](auto flag) { return word.starts_with(std::string(flag) + "="); });
  const bool any_host = std::ranges::any_of(kAnyHost, [&](auto host) { return word.find(host) != std::string::npos; });
  return binds || any_host ? behind_colon(words[i]) : std::nullopt;
}

}  // namespace

std::optional<std::string> Surroundings::config_value(std::string_view name) const {
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

PortValue port_value(std::string_view value, const std::vector<Expansion>& expansions, const Scope& scope,
                     const Surroundings& around) {
  return resolved(value, expansions, scope, around, 0);
}

AppPort app_port_of(const MeshCall& call, const Surroundings& around) {
  const auto number_text = [](const PortValue& value) {
    return std::to_string(value.kind == PortValue::Kind::number ? value.number : kDefaultAppPort);
  };
  for (const Token& assignment : call.assignments) {
    if (assigned_name(assignment) != "APP_PORT") continue;
    const Binding binding = binding_of(assignment);
    const PortValue value = port_value(binding.value, binding.expansions, call.scope, around);
    return {AppPort::From::command, value, assignment, value.secret ? "$APP_PORT" : number_text(value)};
  }
  const auto bound = call.scope.find("APP_PORT");
  if (bound != call.scope.end() && (bound->second.exported || around.config_value("APP_PORT"))) {
    const PortValue value = port_value(bound->second.value, bound->second.expansions, call.scope, around);
    return {AppPort::From::shell, value, std::nullopt, "$APP_PORT"};
  }
  if (call.scope.contains(kReadFile)) return {AppPort::From::unknown};
  if (const auto set = around.config_value("APP_PORT")) {
    PortValue value = number_or_unknown(*set);
    value.secret = true;
    return {AppPort::From::config, value, std::nullopt, "$APP_PORT"};
  }
  if (around.settings_port) {
    return {AppPort::From::settings_file,
            {PortValue::Kind::number, *around.settings_port},
            std::nullopt,
            std::to_string(*around.settings_port)};
  }
  if (!around.config) return {AppPort::From::unknown};
  return {AppPort::From::nowhere, {PortValue::Kind::number, kDefaultAppPort}};
}

std::vector<PortArgument> port_arguments(const std::vector<Token>& words, std::size_t from) {
  std::vector<PortArgument> arguments;
  for (std::size_t i = from; i < words.size(); ++i) {
    if (auto argument = port_argument(words, i)) arguments.push_back(*std::move(argument));
  }
  return arguments;
}

}  // namespace mesh::procfile
