#include "buildpack/doctor/programs.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/json.h"
#include "common/text.h"

namespace mesh::buildpack::doctor {

using procfile::App;
using procfile::assigned_name;
using procfile::assigned_value;
using procfile::Command;
using procfile::exported;
using procfile::file_name;
using procfile::in_directory;
using procfile::one_of;
using procfile::Scope;
using procfile::Token;
namespace {

using Kind = PortValue::Kind;

// Whether only programs that look on PATH are in front of a program: "env", not "uv run", which takes files too.
bool is_looked_for_on_path(const Leaf& leaf) {
  constexpr std::string_view kPlain = "exec env nohup nice command setsid stdbuf tini dumb-init";
  bool may_be_value = false;  // of the flag before it
  for (std::size_t i = 0; i < leaf.started.program; ++i) {
    const Token& word = leaf.command.words[i];
    const bool is_flag = word.value.starts_with('-');
    const bool is_plain = is_flag || may_be_value || assigned_name(word) || one_of(file_name(word.value), kPlain);
    if (!is_plain) return false;
    may_be_value = is_flag;
  }
  return true;
}

// Whether an argument, or a variable of its own besides PORT, may be a port: "./app --http 3000".
bool may_name_port(const Leaf& leaf) {
  const auto& words = leaf.command.words;
  const auto may_be_port = [](const std::string& text) { return text.find_first_of("$0123456789") != std::string::npos; };
  for (std::size_t i = leaf.started.file + 1; i < words.size(); ++i) {
    if (may_be_port(words[i].value)) return true;
  }
  return std::ranges::any_of(leaf.assignments(), [&](const Token& token) {
    return assigned_name(token) != "PORT" && may_be_port(assigned_value(token));
  });
}

// Whether npm's configuration may decide where it looks for a script, or whether that may be missing.
bool is_npm_configured(const Leaf& leaf, const App& app) {
  const auto decides = [](const std::string& settings) {
    std::string written = text::lower(settings);
    std::ranges::replace(written, '_', '-');
    constexpr std::array<std::string_view, 4> kOptions = {"if-present", "prefix", "workspace", "userconfig"};
    return std::ranges::any_of(kOptions, [&](std::string_view option) { return written.find(option) != std::string::npos; });
  };
  const auto is_option = [&](const std::string& name) {
    return text::lower(name).starts_with("npm_config_") && decides(name);
  };
  const auto binds_option = [&](const auto& variable) { return is_option(variable.first); };
  const auto assigns_option = [&](const Token& token) { return is_option(assigned_name(token).value_or("")); };
  return decides(app.read(in_directory(leaf.command.directory, ".npmrc")).value_or("")) ||
         decides(app.read(".npmrc").value_or("")) ||  // of the user whose home is the app
         std::ranges::any_of(leaf.scope, binds_option) || std::ranges::any_of(leaf.assignments(), assigns_option) ||
         (app.config && std::ranges::any_of(app.config->names, is_option));
}

bool may_change_path(const Leaf& leaf, const App& app) {
  const auto is_path = [](const Token& token) { return assigned_name(token) == "PATH"; };
  return leaf.scope.has_unknown || leaf.scope.contains("PATH") || std::ranges::any_of(leaf.assignments(), is_path) ||
         leaf.source->text.find("PATH=") != std::string::npos || app.config_value("PATH");
}

}  // namespace

std::vector<Program> programs_behind(const MeshCall& call, const Leaf& leaf, const App& app) {
  std::vector<Program> programs;
  if (call.wrapped.empty()) return programs;
  const Scope seen = exported(leaf.scope, call.assignments);
  const Command command{.words = call.wrapped, .directory = leaf.command.directory, .line = leaf.command.line};
  bool has_background = false;  // a proxy perhaps, that forwards to another port
  for (Leaf& each : walk_command(command, leaf.source, seen, app).leaves) {
    has_background = has_background || each.command.after == "&";
    if (each.conditional || each.command.after == "&") continue;
    const bool direct = each.source == leaf.source;
    const Scope own = exported(each.scope, each.assignments());
    Program program{std::move(each), direct};
    const Leaf& its = program.leaf;
    program.listening = listening_of(its.command, its.started, direct ? leaf.scope : its.scope, own, app);
    program.given_port = own_port_variable(own, app);
    if (program.listening.ports.empty()) program.source = port_by_source(its.command, its.started, app);
    const bool has_own = program.given_port && program.given_port->kind != Kind::public_port;
    const bool has_another = program.source ? program.source->port.kind != Kind::public_port : may_name_port(its);
    // "env PORT=$PORT ./app"
    const bool is_given =
        program.given_port && !has_own && !has_another &&
        std::ranges::any_of(its.started.assignments, [](const Token& t) { return assigned_name(t) == "PORT"; });
    if (is_given && program.listening.ports.empty()) {
      program.listening = {.ports = {{Kind::public_port}}, .by_variable = true};
    }
    if (has_own && program.source && program.source->port.kind == Kind::public_port) program.source.reset();
    programs.push_back(std::move(program));
  }
  for (Program& program : programs) {
    if (has_background && !program.direct && !program.listening.is_public()) program.listening = {};
  }
  return programs;
}

const Token* quoted_variable(const Program& program) {
  const Started& started = program.leaf.started;
  const auto& words = program.leaf.command.words;
  if (started.server == nullptr || program.leaf.source->nested) return nullptr;  // an outer shell may replace it
  for (std::size_t i = started.program + 1; i < words.size(); ++i) {
    auto value = flag_value(words, i, started.server->port_flags);
    if (!value) value = flag_value(words, i, started.server->address_flags);
    const std::string text = value ? value->text : "";
    const bool names_port = text.ends_with("$PORT") || text.ends_with("$APP_PORT");
    if (names_port && words[i].expansions.empty() && words[i].raw.find('\'') != std::string::npos) return &words[i];
  }
  return nullptr;
}

bool is_off_path(const Program& program, const App& app) {
  const auto& words = program.leaf.command.words;
  const std::string name = program.leaf.started.program < words.size() ? words[program.leaf.started.program].value : "";
  if (name.empty() || name.find('/') != std::string::npos || program.leaf.started.server != nullptr) return false;
  if (!is_looked_for_on_path(program.leaf) || may_change_path(program.leaf, app)) return false;
  // Buildpacks put the app's bin directory on PATH.
  const bool may_be_on_path = app.read(".profile") || !app.list(".profile.d").empty() ||
                              program.leaf.command.directory == "bin" || app.read("bin/" + name);
  return !may_be_on_path && app.read(in_directory(program.leaf.command.directory, name)).has_value();
}

std::string flag_name(const Token& word) { return word.value.substr(0, word.value.find('=')); }

std::optional<std::size_t> unknown_port_flag(const Program& program) {
  const Started& started = program.leaf.started;
  const auto& words = program.leaf.command.words;
  if (started.server == nullptr) return std::nullopt;
  for (std::size_t i = started.program + 1; i < words.size() && words[i].value != "--"; ++i) {
    if (is_unknown_port_flag(*started.server, flag_name(words[i]))) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> flag_without_value(const Program& program) {
  const Started& started = program.leaf.started;
  const auto& words = program.leaf.command.words;
  if (started.server == nullptr) return std::nullopt;
  for (std::size_t i = started.program + 1; i < words.size() && words[i].value != "--"; ++i) {
    const bool is_lone = i + 1 == words.size() || (words[i + 1].value.starts_with('-') && words[i + 1].value.size() > 1);
    if (is_lone && needs_value(*started.server, words[i].value)) return i;
  }
  return std::nullopt;
}

const Token* background_option(const Program& program) {
  const auto& words = program.leaf.command.words;
  const std::size_t at = program.leaf.started.program;
  if (words.end() != std::ranges::find(words, "--no-daemon", &Token::value)) return nullptr;
  const std::string_view name = at < words.size() ? file_name(words[at].value) : "";
  for (std::size_t i = at + 1; i < words.size(); ++i) {
    const bool is_no = i + 1 < words.size() && words[i + 1].value == "no";
    if (one_of(words[i].value, "--daemon --daemonize --daemonize=yes") && !is_no) return &words[i];
    if (name == "gunicorn" && words[i].value == "-D") return &words[i];
    if (one_of(name, "pm2 forever") && i == at + 1 && words[i].value == "start") return &words[i - 1];
  }
  return nullptr;
}

std::string missing_script(const Program& program, const App& app) {
  const Leaf& leaf = program.leaf;
  const auto& words = leaf.command.words;
  const std::size_t at = leaf.started.program;
  const auto word = [&](std::size_t i) { return i < words.size() ? words[i].value : ""; };
  const bool is_known_place = !leaf.command.directory.empty() || leaf.source->text.find("cd ") == std::string::npos;
  if (word(at) != "npm" || !is_known_place) return "";
  for (const Token& each : words) {
    const bool decides = each.value.starts_with('-') && each.value != "--" && each.value != "--silent" && each.value != "-s";
    if (decides) return "";  // the directory, or whether it may be missing
  }
  // "start" and misspellings that npm has no commands for.
  constexpr std::string_view kStarts = "start strat satrt sart statr strart starrt stat tsart srart atart";
  const bool runs = one_of(word(at + 1), "run run-script");
  std::string name = word(runs ? at + 2 : at + 1);
  if (name.empty() || name.starts_with('-') || (!runs && !one_of(name, kStarts))) return "";
  if (one_of(name, "env restart") || !words[at + (runs ? 2 : 1)].expansions.empty()) return "";  // npm has both itself
  if (is_npm_configured(leaf, app)) return "";
  const auto package = parse_json(app.read(in_directory(leaf.command.directory, "package.json")).value_or(""));
  if (!package || !package->is_object()) return "";
  const auto scripts = package->value("scripts", Json());
  const bool has_default = name == "start" && app.read(in_directory(leaf.command.directory, "server.js")).has_value();
  return has_default || (scripts.is_object() && scripts.contains(name)) ? "" : name;
}

bool starts_procfile(const Program& program, const App& app) {
  const Leaf& leaf = program.leaf;
  const auto& words = leaf.command.words;
  const std::size_t at = leaf.started.program;
  if (at + 1 >= words.size() || !one_of(file_name(words[at].value), "foreman honcho forego overmind heroku")) return false;
  if (!leaf.command.directory.empty() || app.read(".foreman") || app.read(".overmind.env"))
    return false;  // may name another
  const bool is_all = at + 2 == words.size() || (at + 3 == words.size() && words[at + 2].value == "web");
  return is_all && one_of(words[at + 1].value, "start local");
}

}  // namespace mesh::buildpack::doctor
