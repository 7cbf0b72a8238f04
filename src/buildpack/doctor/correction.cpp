#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "buildpack/doctor/checks.h"

namespace mesh::buildpack::doctor {

using procfile::App;
using procfile::assigned_name;
using procfile::assigned_value;
using procfile::Expansion;
using procfile::one_of;
using procfile::parse_shell;
using procfile::plain_word;
using procfile::ShellText;
using procfile::Token;
using procfile::tokenize;
namespace {

using Kind = PortValue::Kind;
using From = AppPort::From;

// Replaces each $NAME in the word.
void replace_variable(Token& word, std::string_view name, const std::string& text) {
  std::string raw = word.raw;
  for (const Expansion& expansion : word.expansions) {
    const std::size_t at = expansion.name == name ? raw.find(expansion.text) : std::string::npos;
    if (at != std::string::npos) raw.replace(at, expansion.text.size(), text);
  }
  const auto tokens = tokenize(raw);
  if (tokens.size() == 1) word = tokens[0];
}

void assign(MeshCall& call, const std::string& name, const std::string& value) {
  std::erase_if(call.assignments, [&](const Token& token) { return assigned_name(token) == name; });
  call.assignments.insert(call.assignments.begin(), plain_word(name + "=" + value));
}

// Tries lines from the smallest change on and takes the first one that the checks find right.
class Correction {
 public:
  Correction(MeshCall call, const Leaf& leaf, const App& app) : call_(std::move(call)), leaf_(leaf), app_(app) {}

  std::optional<MeshCall> run() {
    if (!normalize()) return std::nullopt;
    const auto is_unclear = [](const Program& program) {
      const Server* const server = program.leaf.started.server;
      return program.leaf.source->nested || (server != nullptr && server->uncertain);
    };
    if (std::ranges::any_of(programs(), is_unclear)) return std::nullopt;
    const auto names_port = [](const Token& token) {
      return std::ranges::find(token.expansions, "PORT", &Expansion::name) != token.expansions.end();
    };
    if (std::ranges::none_of(call_.assignments, names_port)) {
      if (auto line = finished(call_)) return line;
    }
    const auto port = app_port();
    if (!port) return std::nullopt;
    for (Token& word : call_.wrapped) replace_variable(word, "PORT", *port);
    for (Token& assignment : call_.assignments) replace_variable(assignment, "PORT", *port);
    if (auto line = finished(call_)) return line;
    if (auto line = finished(with_arguments(*port))) return line;
    if (auto line = finished(with_port_of_app())) return line;
    return finished(with_port_variable(call_, *port));
  }

 private:
  std::vector<Program> programs() const { return programs_behind(call_, leaf_, app_); }

  // Puts everything but ports in its place. False if the app's command is not known then.
  bool normalize() {
    const auto found = call_.name ? check_call(call_, programs(), leaf_, app_) : std::vector<Finding>();
    const bool is_misnamed = has_problem(found, Problem::wrong_product_name) || has_problem(found, Problem::arch_in_name);
    needs_port_ = !call_.name;
    if (!call_.name || is_misnamed) {
      call_.name = parse_mesh_name(program(*app_.product));
      call_.directory.clear();
    }
    call_.findings.clear();
    const auto lone = port_flag_without_value(call_.flags);
    if (app_.product == Product::integration) {
      call_.flags.clear();
    } else if (lone != call_.flags.end()) {
      call_.flags.erase(lone);
    }
    if (call_.is_quoted_command() && !call_.unquote()) return false;
    auto& words = call_.wrapped;
    for (Token& word : words) {
      if (word.expansions.empty() && one_of(word.raw, "'$PORT' '$APP_PORT'")) word = tokenize('"' + word.value + '"')[0];
    }
    const bool has_exec = !words.empty() && words[0].value == "exec";
    if (words.size() > 1 && words[has_exec ? 1 : 0].value == "-a") return false;  // "exec -a NAME"
    for (bool drops = true; drops && !words.empty();) {
      const Token first = words.front();
      if (assigned_name(first)) call_.assignments.push_back(first);
      drops = assigned_name(first) || one_of(first.value, "exec command") || first.value.starts_with('-') ||
              parse_mesh_name(first.value);
      if (drops) words.erase(words.begin());
    }
    if (words.empty() || words[0].raw.find('\\') != std::string::npos) return false;  // as Windows writes paths
    const auto left = check_call(call_, programs(), leaf_, app_);
    if (has_problem(left, Problem::shell_op_after_mesh) || has_problem(left, Problem::nested_mesh)) return false;
    // A port that was for the mesh was meant for the app.
    if (has_problem(left, Problem::mesh_port)) {
      call_.flags.clear();
      needs_port_ = true;
    }
    std::erase_if(call_.assignments, [](const Token& token) { return assigned_name(token) == "PORT"; });
    return drop_unknown_flag();
  }

  // Takes away the flag with its value, as if the program had been given no port.
  bool drop_unknown_flag() {
    const auto started = programs();
    const auto lone = started.size() == 1 ? flag_without_value(started[0]) : std::nullopt;
    const auto flag = started.size() == 1 && !lone ? unknown_port_flag(started[0]) : lone;
    if (!flag) return true;
    auto& words = call_.wrapped;
    if (!started[0].direct) return false;
    const bool has_value = words[*flag].value.find('=') == std::string::npos && *flag + 1 < words.size() &&
                           !words[*flag + 1].value.starts_with('-');
    const auto first = words.begin() + static_cast<std::ptrdiff_t>(*flag);
    words.erase(first, first + (has_value ? 2 : 1));
    return true;
  }

  // How the app's arguments name the port to which the mesh forwards, which is set for that if need be.
  std::optional<std::string> app_port() {
    const AppPort port = app_port_of(call_.assignments, leaf_.scope, app_);
    const bool is_number = port.value.kind == Kind::number;
    if (port.from == From::shell && port.value.kind != Kind::public_port) return "$APP_PORT";
    if (port.from == From::config && is_number) return "$APP_PORT";
    if (port.from == From::settings_file || (port.from == From::command && is_number && !port.value.secret)) {
      return std::to_string(port.value.number);
    }
    if (port.from == From::command && port.value.kind == Kind::unknown) return std::nullopt;
    assign(call_, "APP_PORT", std::to_string(kDefaultAppPort));
    return std::to_string(kDefaultAppPort);
  }

  // The server's arguments name the port.
  std::optional<MeshCall> with_arguments(const std::string& port) const {
    const auto started = programs();
    const Server* const server = started.size() == 1 && started[0].direct ? started[0].leaf.started.server : nullptr;
    if (server == nullptr || server->port_arguments.empty()) return std::nullopt;
    if (started[0].listening.by_arguments || started[0].listening.by_file) return std::nullopt;
    MeshCall call = call_;
    const auto tokens = tokenize(fmt::format(fmt::runtime(server->port_arguments), port));
    const std::size_t at = server->program == "dotnet" ? call.wrapped.size() : started[0].leaf.started.arguments;
    call.wrapped.insert(call.wrapped.begin() + static_cast<std::ptrdiff_t>(at), tokens.begin(), tokens.end());
    return server->untold == Untold::unknown ? with_port_variable(std::move(call), port) : call;
  }

  // The mesh forwards to where the app listens.
  std::optional<MeshCall> with_port_of_app() const {
    for (const Program& program : programs()) {
      auto own = program.listening.other_than(0);
      if (program.source && program.source->port.kind == Kind::number) own = program.source->port;
      if (!own || own->secret || own->number == kSocket) continue;
      MeshCall call = call_;
      assign(call, "APP_PORT", std::to_string(own->number));
      return call;
    }
    return std::nullopt;
  }

  // The app gets a variable PORT of its own; Spring Boot reads another one.
  MeshCall with_port_variable(MeshCall call, const std::string& port) const {
    const auto started = programs();
    const Server* const server = started.size() == 1 ? started[0].leaf.started.server : nullptr;
    auto& words = call.wrapped;
    const bool has_env = words[0].value == "env" && words.size() > 1 && !words[1].value.starts_with('-');
    if (has_env) std::erase_if(words, [](const Token& word) { return assigned_name(word) == "PORT"; });
    if (!has_env) words.insert(words.begin(), plain_word("env"));
    if (server != nullptr && server->program == "java") words.insert(words.begin() + 1, tokenize("SERVER_PORT=" + port)[0]);
    words.insert(words.begin() + 1, tokenize("PORT=" + port)[0]);
    return call;
  }

  // The whole line, if it is right.
  std::optional<MeshCall> finished(std::optional<MeshCall> call) const {
    if (!call) return std::nullopt;
    call->dashes = app_.product == Product::applink && (call->dashes || call->first_flag() != nullptr);
    constexpr int kMaxVariables = 8;
    int count = 0;
    for (auto name = early_expansion(*call, leaf_, app_); !name.empty(); name = early_expansion(*call, leaf_, app_)) {
      const auto sets = [&](const Token& token) { return assigned_name(token) == name; };
      const Token& assignment = *std::ranges::find_if(call->assignments, sets);
      if (++count > kMaxVariables || assignment.raw != assignment.value || !assignment.expansions.empty()) {
        return std::nullopt;
      }
      for (Token& word : call->wrapped) replace_variable(word, name, assigned_value(assignment));
      for (Token& word : call->flags) replace_variable(word, name, assigned_value(assignment));
    }
    const ShellText text = parse_shell(call->text(), leaf_.command.directory);
    if (text.commands.size() != 1 || text.commands[0].words.empty()) return std::nullopt;
    const MeshCall parsed = take_apart(text.commands[0], leaf_.scope, app_);
    return parsed.name && is_right(parsed) ? call : std::nullopt;
  }

  bool is_right(const MeshCall& call) const {
    const auto started = programs_behind(call, leaf_, app_);
    if (!check_call(call, started, leaf_, app_).empty()) return false;
    const auto listens_twice = [](const Program& each) {
      const auto& ports = each.listening.ports;
      return std::ranges::any_of(
          ports, [&](const PortValue& port) { return std::ranges::count(ports, port.number, &PortValue::number) > 1; });
    };
    const auto has_port = [](const Program& each) {
      return each.given_port || !each.listening.ports.empty() || (each.source && each.source->port.kind == Kind::number);
    };
    // The line itself names the mesh's port, unless that may be set elsewhere and the app's is not known either.
    const AppPort forwarded = app_port_of(call.assignments, leaf_.scope, app_);
    const auto has_other_source = [&](const Program& each) { return !check_source(each, forwarded).empty(); };
    const AppPort::From from = forwarded.from;
    const auto is_wrong = [number = forwarded.value.number](const Program& each) {
      const auto& given = each.given_port;
      return given && (given->kind == Kind::public_port || (given->kind == Kind::number && given->number != number));
    };
    const bool is_unknown = from == From::unknown;
    const auto is_elsewhere = [&](const Program& each) { return is_unknown && each.listening.other_than(0); };
    if (from == From::nowhere || std::ranges::any_of(started, is_wrong)) return false;
    const auto is_broken = [&](const Program& each) { return listens_twice(each) || is_off_path(each, app_); };
    if (std::ranges::any_of(started, is_broken)) return false;
    return std::ranges::none_of(started, has_other_source) && std::ranges::none_of(started, is_elsewhere) &&
           (!needs_port_ || std::ranges::any_of(started, has_port));
  }

  MeshCall call_;
  const Leaf& leaf_;
  const App& app_;
  bool needs_port_ = false;  // the app listens on $PORT unless the line names another port
};

}  // namespace

std::optional<MeshCall> corrected(MeshCall call, const Leaf& leaf, const App& app) {
  return Correction(std::move(call), leaf, app).run();
}

std::optional<MeshCall> without_mesh(MeshCall call) {
  if (call.is_quoted_command() && !call.unquote()) return std::nullopt;
  call.name.reset();
  call.directory.clear();
  call.flags.clear();
  call.dashes = false;
  return call.wrapped.empty() ? std::nullopt : std::optional(std::move(call));
}

}  // namespace mesh::buildpack::doctor
