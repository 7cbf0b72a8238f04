#include "buildpack/doctor/port_files.h"

#include <algorithm>

#include "common/text.h"

namespace mesh::buildpack::doctor {

using procfile::App;
using procfile::Command;
using procfile::in_directory;
using procfile::one_of;
using procfile::path_in_app;
using procfile::Scope;
namespace {

using Kind = PortValue::Kind;
constexpr auto kEnd = std::string_view::npos;
constexpr std::size_t kMaxExpression = 200;

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

// Whether a text that reads PORT says no more than that: neither may a variable such as GUNICORN_BIND or a condition name
// another port, nor is something added to it.
bool is_plain_read(std::string_view text) {
  bool is_before = true;
  for (const std::string_view name : names_in(text)) {
    is_before = is_before && name != "PORT";
    const bool is_constant = name.size() > 2 && std::ranges::none_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
    const bool is_another = one_of(name, "or and") || (is_constant && name != "ENV" && !name.ends_with("HOST"));
    if (one_of(name, "if unless else") || (is_before && is_another)) return false;
  }
  const std::size_t at = text.find("PORT");
  const std::string_view before = text.substr(0, at);
  const std::string_view after = text.substr(at);
  return text.find('?') == kEnd && before.find("||") == kEnd && before.find("&&") == kEnd &&
         after.find_first_of("+*") == kEnd && after.find(" - ") == kEnd;
}

// A text without one pair of quotes and punctuation around it; nullopt if it has more quotes.
std::optional<std::string_view> unquoted(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t=:("), text.size()));
  text = text.substr(0, text.find_last_not_of(" \t\r,;)") + 1);
  const bool is_quoted = text.size() > 1 && text.find_first_of("'\"`") == 0 && text.back() == text.front();
  if (is_quoted) text = text.substr(1, text.size() - 2);
  return text.find_first_of("'\"`") == kEnd ? std::optional(text) : std::nullopt;
}

bool is_in_host(char c) { return text::is_alphanumeric(c) || c == '.' || c == '-' || c == '*'; }

// The port of a text that is nothing but a literal: "3000", "'tcp://0.0.0.0:8000'", "(\"0.0.0.0\", 8080)".
PortValue literal_port(std::string_view text) {
  const std::size_t comma = text::trim(text).starts_with('(') ? text.find(',') : kEnd;
  if (comma != kEnd) {
    const auto host = unquoted(text.substr(0, comma));
    if (!host || !std::ranges::all_of(*host, is_in_host)) return {};
    text = text.substr(comma + 1);
  }
  const auto literal = unquoted(text);
  if (!literal) return {};
  std::string_view address = *literal;
  for (const std::string_view scheme : {"tcp://", "http://"}) {
    if (address.starts_with(scheme)) address.remove_prefix(scheme.size());
  }
  const std::size_t colon = address.rfind(':');
  const std::string_view host = address.substr(0, colon == kEnd ? 0 : colon);
  if (!std::ranges::all_of(host, is_in_host)) return {};
  return number_or_unknown(colon == kEnd ? address : address.substr(colon + 1));
}

// Whether a text is the literal of a host.
bool is_host(std::string_view text) {
  const auto literal = unquoted(text);
  return literal && std::ranges::all_of(*literal, is_in_host) && literal_port(text).kind != Kind::number;
}

// Returns the value that a file assigns to a name outside of all blocks; nullopt if another assignment is possible.
std::optional<std::string_view> assigned_once(std::string_view content, std::string_view name) {
  constexpr std::string_view kOperators = "|&?+-*/%:";
  std::optional<std::string_view> found;
  for (std::size_t at = content.find(name); at != kEnd; at = content.find(name, at + name.size())) {
    const std::size_t end = at + name.size();
    if ((at > 0 && is_in_name(content[at - 1])) || (end < content.size() && is_in_name(content[end]))) continue;
    std::string_view rest = content.substr(end, kMaxExpression);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    const std::size_t equals = rest.starts_with(':') ? rest.find_first_of("=\n") : rest.find_first_not_of(kOperators);
    if (equals == kEnd || rest[equals] != '=' || rest.substr(equals).find_first_of("=>", 1) == 1) continue;
    const std::string_view value = text::first_line(
        content.substr(static_cast<std::size_t>(rest.data() - content.data()) + equals + 1, kMaxExpression + 1));
    if (value.starts_with(name) && value.substr(name.size()).find_first_of(",)") == 0) continue;  // an argument: "port=port"
    std::string_view before = content.substr(0, at);
    for (const std::string_view keyword : {"const ", "let ", "var "}) {
      if (before.ends_with(keyword)) before.remove_suffix(keyword.size());
    }
    const bool is_plain = equals == 0 || rest.starts_with(':');
    if (found || !is_plain || (!before.empty() && !before.ends_with('\n'))) return std::nullopt;
    found = value;
  }
  return found;
}

// The value of the last name in an expression to which the file assigns one; nullopt if the expression does more than put
// a host and a port together.
std::optional<std::string_view> value_in_expression(std::string_view expression, std::string_view content) {
  constexpr std::size_t kMaxNames = 6;
  std::optional<std::string_view> value;
  const auto names = names_in(expression);
  const bool is_conditional = expression.find_first_of("?|&") != kEnd;
  if (names.size() > kMaxNames || is_conditional) return std::nullopt;
  for (const std::string_view name : names) {
    const auto at = static_cast<std::size_t>(name.data() - expression.data());
    const bool is_call = expression.substr(at + name.size()).starts_with('(');
    if (is_call && !one_of(name, "int str format Integer Number String parseInt")) return std::nullopt;
    if (one_of(name, "or and if unless else")) return std::nullopt;
    if (at > 0 && expression[at - 1] == '.') continue;  // a member
    const auto assigned = assigned_once(content, name);
    if (assigned && value && !is_host(*value)) return std::nullopt;
    if (assigned) value = assigned;
  }
  return value;
}

// A line of a configuration file without its comment; "#{" is part of a text in Ruby.
std::string_view without_comment(std::string_view line) {
  std::size_t at = line.find('#');
  while (at != kEnd && line.substr(at).starts_with("#{")) at = line.find('#', at + 1);
  return text::trim(line.substr(0, at));
}

// The public port if a file reads PORT and no other port.
PortValue port_in_whole_file(std::string_view content) {
  PortValue result;
  for (const std::string_view raw : text::split(content, '\n')) {
    const std::string_view line = without_comment(raw);
    const auto is_another = [](std::string_view name) { return name.ends_with("PORT") && name != "PORT"; };
    const bool reads = reads_port(line);
    if (std::ranges::any_of(names_in(line), is_another) || (reads && !is_plain_read(line))) return {};
    if (reads) result = {Kind::public_port};
  }
  return result;
}

// The port that the lines of these keys name in a configuration file; nullopt if there are none. Code has conditions, whose
// blocks are indented.
std::optional<PortValue> port_in_file(std::string_view content, std::string_view keys, bool has_code) {
  // Older versions of Rack read options from the first line of config.ru.
  if (content.find("APP_PORT") != kEnd || content.starts_with("#\\")) return PortValue{};
  if (keys == kWholeFile) return port_in_whole_file(content);
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
    if (!one_of(line.substr(0, end), keys) || (has_code && raw.find_first_of(" \t") == 0)) return PortValue{};
    const PortValue port = port_of_expression(line.substr(end), content);
    if (port.kind == Kind::unknown || port != result.value_or(port) || ++lines > kMaxLines) return PortValue{};
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
  constexpr std::string_view kSet = "set :port,";
  const std::size_t at = source.find(kSet);
  if (at == kEnd) return std::nullopt;
  const bool is_in_block = at > 0 && source[at - 1] != '\n';
  if (is_in_block || source.find(kSet, at + 1) != kEnd) return PortValue{};
  return port_of_expression(without_comment(text::first_line(source.substr(at + kSet.size()))), source);
}

std::optional<PortValue> port_in(const Server& server, std::string_view file, std::string_view content) {
  const bool has_code = file.ends_with(".rb") || file.ends_with(".py");
  return server.program == "caddy" ? caddy_port(content) : port_in_file(content, server.config_keys, has_code);
}

}  // namespace

PortValue port_of_expression(std::string_view expression, std::string_view content) {
  constexpr int kMaxSteps = 3;
  for (int step = 0; step < kMaxSteps && expression.size() <= kMaxExpression; ++step) {
    if (expression.find("unix:") != kEnd) {
      const auto literal = unquoted(expression);
      return literal && literal->starts_with("unix:") ? PortValue{Kind::number, kSocket} : PortValue{};
    }
    if (reads_port(expression)) return is_plain_read(expression) ? PortValue{Kind::public_port} : PortValue{};
    if (const PortValue literal = literal_port(expression); literal.kind == Kind::number) return literal;
    std::string digits(expression);
    for (const std::string_view address : {"0.0.0.0", "127.0.0.1"}) {
      if (const std::size_t at = digits.find(address); at != kEnd) digits.erase(at, address.size());
    }
    if (std::ranges::any_of(digits, text::is_digit)) return {};  // it may calculate
    const auto next = value_in_expression(expression, content);
    if (!next) return {};
    expression = *next;
  }
  return {};
}

bool is_unreadable(const std::string& path, const App& app) {
  const std::size_t slash = path.rfind('/');
  const auto names = app.list(slash == std::string::npos ? "" : path.substr(0, slash));
  return std::ranges::find(names, procfile::file_name(path)) != names.end() && !app.read(path);
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
    return content ? port_in(server, named->text, *content) : PortValue{};
  }
  for (const std::string_view name : text::split(server.config_files, ' ')) {
    if (const auto content = read(name)) return port_in(server, name, *content);
    if (is_unreadable(in_directory(command.directory, name), app)) return PortValue{};
  }
  return std::nullopt;
}

}  // namespace mesh::buildpack::doctor
