#include "buildpack/doctor/port_files.h"

#include <algorithm>

#include "common/text.h"

namespace mesh::buildpack::doctor {

using procfile::App;
using procfile::Command;
using procfile::one_of;
using procfile::path_in_app;
using procfile::Scope;
namespace {

using Kind = PortValue::Kind;
constexpr auto kEnd = std::string_view::npos;

bool is_in_name(char c) { return text::is_alphanumeric(c) || c == '_'; }

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
  constexpr int kMaxLines = 20;
  int lines = 0;
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
    const bool differs = result && (result->kind != port.kind || result->number != port.number);
    if (port.kind == Kind::unknown || differs || ++lines > kMaxLines) return PortValue{};
    result = port;
  }
  return result;
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
      if (line.find_first_of(", \t") != kEnd) return PortValue{};  // several addresses
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
  constexpr std::size_t kMaxLength = 200;
  for (int step = 0; step < kMaxSteps && expression.size() <= kMaxLength; ++step) {
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
