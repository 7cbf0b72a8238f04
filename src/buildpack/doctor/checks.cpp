#include "buildpack/doctor/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "common/text.h"

namespace mesh::buildpack::doctor {

using procfile::App;
using procfile::assigned;
using procfile::assigned_name;
using procfile::assigned_value;
using procfile::Command;
using procfile::Expansion;
using procfile::exported;
using procfile::file_name;
using procfile::one_of;
using procfile::parse_shell;
using procfile::Scope;
using procfile::Token;
using procfile::Value;
namespace {

using Kind = PortValue::Kind;
using From = AppPort::From;

// Only a shell can do these.
constexpr std::string_view kBuiltins = "cd export source . set eval ulimit unset";
// Set by the platform and its language buildpacks, whatever the app does.
constexpr std::string_view kPlatformVariables = "PORT HOME PATH DYNO JAVA_OPTS JAVA_TOOL_OPTIONS WEB_CONCURRENCY PWD USER";
// Words of commands that prepare an app and end.
constexpr std::string_view kPrepares = "build migrate collectstatic db:migrate ecto.migrate install ci upgrade";
constexpr std::string_view kNotFound = "the shell ends with \"command not found\" (exit code 127)";

// "1.2.3" is what was released as "v1.2.3".
std::string_view without_v(std::string_view version) { return version.substr(version.starts_with('v') ? 1 : 0); }

// Whether a build installs a mesh by this name: the plain one, and those with its version or "latest" and its architecture.
bool is_installed(const MeshName& called, const App& app) {
  if (called.suffix.empty()) return true;
  const std::size_t dash = called.suffix.rfind('-');
  const std::string version = called.suffix.substr(1, std::max<std::size_t>(dash, 1) - 1);
  const std::string arch = called.suffix.substr(dash + 1);
  if (version.empty() || !one_of(arch, "amd64 arm64") || (app.arch && arch != *app.arch)) return false;
  if (version == "latest" || !app.config) return true;
  const auto pinned = app.config_value(std::string(prefix(*app.product)) + "_RELEASE_VERSION");
  return pinned && without_v(version) == without_v(*pinned);
}

bool assigns(const Token& word, std::string_view name) { return assigned_name(word) == name; }

bool is_mesh(const Token& word) { return parse_mesh_name(word.value).has_value(); }

// The value that a flag or a variable gives the mesh for its own port. Integration's mesh has no flags.
PortValue own_port(const MeshCall& call, const Scope& shell, const App& app) {
  Scope seen = exported(shell, call.assignments);
  const std::size_t flags = app.product == Product::applink ? call.flags.size() : 0;
  for (std::size_t i = 0; i < flags; ++i) {
    const Token& word = call.flags[i];
    const std::string flag = flag_name(word);
    const bool is_joined = flag.size() < word.value.size();
    if (!one_of(flag, "--port -p") || (!is_joined && i + 1 == flags)) continue;
    const Value value = is_joined ? assigned(word) : Value{call.flags[i + 1].value, call.flags[i + 1].expansions};
    // The router sends no requests to where the app listens, whatever the number is.
    if (value.text == "$APP_PORT" || value.text == "${APP_PORT}") return {Kind::number, 0, true};
    if (!shell.contains("PORT")) seen.erase("PORT");  // the shell replaces $PORT before
    return port_value(value, seen, app);
  }
  const auto port = seen.find("PORT");
  return port == seen.end() ? PortValue{Kind::public_port} : port_value(port->second.value, shell, app);
}

// "gunicorn", "gunicorn (start.sh:3)".
std::string named(const Program& program) {
  const auto& words = program.leaf.command.words;
  const std::size_t at = program.leaf.started.program;
  const std::string name = at < words.size() ? std::string(file_name(words[at].value)) : "the app";
  return program.direct ? name : fmt::format("{} ({})", name, program.leaf.place());
}

std::string shown(const PortValue& port) {
  return port.number == kSocket ? "a Unix socket" : fmt::format("port {}", port.number);
}

std::string shown(const AppPort& port) {
  if (port.value.secret) return "the one in the config var APP_PORT";
  return std::to_string(port.value.number) + (port.from == From::nowhere ? " (APP_PORT is not set)" : "");
}

class CallCheck {
 public:
  CallCheck(const MeshCall& call, const std::vector<Program>& programs, const Leaf& leaf, const App& app)
      : call_(call), programs_(programs), leaf_(leaf), app_(app), findings_(call.findings) {}

  std::vector<Finding> run() {
    check_name();
    check_flags();
    if (!check_first_words()) return std::move(findings_);
    const PortValue own = own_port(call_, leaf_.scope, app_);
    if (own.kind == Kind::number) {
      add(Problem::mesh_port, {own.secret ? "another port" : "port " + std::to_string(own.number)});
    }
    const AppPort port = app_port_of(call_.assignments, leaf_.scope, app_);
    check_app_port(port);
    if (const auto early = early_expansion(call_, leaf_, app_); !early.empty()) {
      add(Problem::expansion_before_assignment, {"$" + early});
    }
    for (const Program& program : programs_) check_program(program, port);
    return std::move(findings_);
  }

 private:
  void add(Problem problem, std::initializer_list<std::string_view> words = {}) {
    findings_.push_back(make_finding(problem, "", words));
  }
  bool has(Problem problem) const { return has_problem(findings_, problem); }

  void check_name() {
    const bool installed = is_installed(*call_.name, app_);
    if (call_.name->product == app_.product) {
      if (!installed) add(Problem::arch_in_name, {call_.name->text, fmt::format("it is not installed, so {}", kNotFound)});
      return;
    }
    // In its own directory there is no link to the other one.
    const bool is_found = installed && call_.directory.find("vendor/") == std::string::npos;
    add(Problem::wrong_product_name,
        {call_.name->text, is_found ? "it is a link to the installed mesh, whose rules apply" : kNotFound});
    if (is_found) findings_.back().severity = Severity::warning;
  }

  void check_flags() {
    if (app_.product == Product::integration) {
      if (!call_.flags.empty()) add(Problem::mesh_flag_on_integration, {flag_name(call_.flags.front())});
      if (call_.dashes) add(Problem::dashdash_on_integration);
      return;
    }
    const Token* const flag = call_.first_flag();
    if (flag != nullptr && !call_.dashes) add(Problem::missing_dashdash_on_applink, {flag_name(*flag)});
    if (const auto lone = port_flag_without_value(call_.flags); lone != call_.flags.end()) {
      add(Problem::flag_value_missing, {"The mesh", lone->value});
    }
  }

  // The first words behind the mesh. Returns false if the other checks do not apply.
  bool check_first_words() {
    if (call_.wrapped.empty()) {
      const bool stops = app_.product == Product::integration;
      add(Problem::no_command,
          {stops ? "it ends at once with exit code 0 and the dyno stops" : "there is no app behind it"});
      return true;
    }
    const Token& first = call_.wrapped.front();
    if (std::ranges::any_of(call_.wrapped, is_mesh)) add(Problem::nested_mesh);
    if (call_.is_quoted_command()) {
      add(Problem::quoted_command);
    } else if (const auto name = assigned_name(first)) {
      add(Problem::assignment_after_mesh, {*name});
    } else if (one_of(first.value, kBuiltins) || (first.value == "exec" && call_.wrapped.size() > 1)) {
      add(Problem::shell_op_after_mesh, {fmt::format("\"{}\" is a builtin of the shell, not a program", first.value)});
    } else if (const auto script = unquoted_script(); !script.empty()) {
      add(Problem::shell_op_after_mesh, {fmt::format("the shell behind it runs \"{}\" only", script)});
    } else {
      return true;
    }
    return false;
  }

  // "cd" of "bash -c cd api": the words behind it are arguments of the shell.
  std::string unquoted_script() const {
    constexpr std::string_view kNeedArguments =
        "cd export source . npm yarn pnpm npx bundle python python3 node gunicorn uvicorn flask rails java php ruby";
    const std::string script = started_program(call_.wrapped).script.value_or("");
    return script != call_.wrapped.back().value && one_of(script, kNeedArguments) ? script : "";
  }

  void check_app_port(const AppPort& port) {
    const auto starts = [&](const Program& each) {
      return starts_procfile(each, app_) || (!each.direct && starts_mesh(each.leaf.command, each.leaf.scope));
    };
    if (std::ranges::any_of(programs_, starts)) add(Problem::nested_mesh);
    for (const Token& token : call_.assignments) {
      const bool is_port = assigns(token, "APP_PORT") && token.expansions.empty() && !token.substitutes;
      if (is_port && !parse_port(assigned_value(token))) add(Problem::app_port_invalid);
    }
    const auto knows = [](const Program& program) { return !program.listening.ports.empty(); };
    if (port.value.kind == Kind::public_port) {
      add(Problem::same_port, {"an app that listens on the same APP_PORT"});
    } else if (port.hidden) {
      add(Problem::app_port_not_exported);
    } else if (port.from == From::nowhere && std::ranges::none_of(programs_, knows)) {
      add(Problem::app_port_unset);
    }
  }

  void check_program(const Program& program, const AppPort& port) {
    const auto& words = program.leaf.command.words;
    if (const Token* const option = background_option(program)) {
      add(Problem::daemonized_app, {option->value});
    }
    if (const auto script = missing_script(program, app_); !script.empty()) add(Problem::unknown_script, {script});
    const std::string& file = program.leaf.started.program < words.size() ? words[program.leaf.started.program].value : "";
    const bool is_script = file.ends_with(".sh") || file.ends_with(".py") || file.ends_with(".js") || file.ends_with(".rb");
    if (is_script && is_off_path(program, app_)) add(Problem::program_not_on_path, {file});
    if (const Token* const word = quoted_variable(program)) add(Problem::quoted_variable, {named(program), word->value});
    if (has(Problem::mesh_port)) return;
    const auto other = port.value.kind == Kind::number ? program.listening.other_than(port.value.number) : std::nullopt;
    if (const auto lone = flag_without_value(program)) {
      add(Problem::flag_value_missing, {named(program), words[*lone].value});
    } else if (const auto flag = unknown_port_flag(program)) {
      add(Problem::unknown_port_flag, {named(program), flag_name(words[*flag])});
    } else if (program.listening.is_public()) {
      const std::string_view how = program.listening.by_arguments  ? ", whose arguments name $PORT,"
                                   : program.listening.by_variable ? ", whose variable names $PORT,"
                                                                   : ", which uses it by default,";
      if (!has(Problem::same_port)) add(Problem::same_port, {named(program) + std::string(how)});
    } else if (other && !other->secret) {
      add(Problem::app_port_mismatch, {named(program), shown(*other), shown(port)});
    }
  }

  const MeshCall& call_;
  const std::vector<Program>& programs_;
  const Leaf& leaf_;
  const App& app_;
  std::vector<Finding> findings_;
};

// "APP_PORT=4000 cd api": the assignment is for a command that is not the mesh. The default would be the same.
bool takes_app_port_away(const Command& command) {
  return !starts_mesh(command, {}) && std::ranges::any_of(command.assignments, [](const Token& token) {
    return assigns(token, "APP_PORT") && parse_port(assigned_value(token)) != kDefaultAppPort;
  });
}

bool starts_app(const Command& command) {
  const Started started = started_program(command.words);
  return !command.conditional && !starts_mesh(command, {}) && started.program < command.words.size() &&
         (started.server != nullptr || one_of(file_name(command.words[started.program].value), "npm yarn pnpm"));
}

}  // namespace

std::vector<Finding> check_source(const Program& program, const AppPort& port) {
  if (!program.source) return {};
  const auto& [place, own] = *program.source;
  if (own.kind == Kind::public_port) return {make_finding(Problem::app_ignores_app_port, place)};
  if (own.kind != Kind::number || port.value.kind != Kind::number || own.number == port.value.number) return {};
  Finding finding = make_finding(Problem::app_port_mismatch, place, {named(program), shown(own), shown(port)});
  finding.severity = Severity::note;
  return {std::move(finding)};
}

bool is_malformed_export(const Command& command) {
  const auto& words = command.words;
  if (words.empty() || words[0].value != "export" || command.after != "&&") return false;
  return std::any_of(words.begin() + 1, words.end(), [](const Token& word) {
    return word.value.starts_with('=') || (!word.value.empty() && std::ranges::all_of(word.value, text::is_digit));
  });
}

std::string early_expansion(const MeshCall& call, const Leaf& leaf, const App& app) {
  std::set<std::string_view> used;
  for (const auto* words : {&call.wrapped, &call.flags}) {
    for (const Token& word : *words) {
      for (const Expansion& expansion : word.expansions) {
        if (!expansion.fallback) used.insert(expansion.name);
      }
    }
  }
  for (const Token& assignment : call.assignments) {
    std::string name = *assigned_name(assignment);
    const auto is_set = [&] {
      return one_of(name, kPlatformVariables) || leaf.scope.contains(name) || leaf.scope.has_unknown ||
             app.config_value(name);
    };
    if (used.contains(name) && !is_set()) return name;
  }
  return "";
}

std::vector<Finding> check_call(const MeshCall& call, const std::vector<Program>& programs, const Leaf& leaf,
                                const App& app) {
  return CallCheck(call, programs, leaf, app).run();
}

std::vector<Finding> check_text_around(const MeshCall& call, const Leaf& leaf, const App& app) {
  std::vector<Finding> findings;
  const AppPort::From from = app_port_of(call.assignments, leaf.scope, app).from;
  bool has_later_command = false;
  bool has_app = false;
  for (const Command& command : parse_shell(leaf.source->text, leaf.source->directory).commands) {
    if (command.words.empty() || command.begin == leaf.command.begin) continue;
    if (command.begin < leaf.command.begin && is_malformed_export(command)) {
      findings.push_back(make_finding(Problem::malformed_assignment, "", {"\"=\" or the number"}));
    }
    if (command.begin > leaf.command.begin) {
      has_later_command = has_later_command || !command.conditional;
      has_app = has_app || starts_app(command);
    } else if ((from == From::nowhere || from == From::unknown) && takes_app_port_away(command)) {
      findings.push_back(make_finding(Problem::assignment_on_another_command, "", {file_name(command.words[0].value)}));
    }
  }
  if (leaf.conditional || call.wrapped.empty()) return findings;
  const std::string_view joined = leaf.command.after == "\n" ? ";" : std::string_view(leaf.command.after);
  const auto prepares = [](const Token& word) { return one_of(word.value, kPrepares); };
  if (joined == "&" && !has_later_command) findings.push_back(make_finding(Problem::background_mesh, ""));
  if ((joined == "&&" || joined == ";") && has_app && std::ranges::any_of(call.wrapped, prepares)) {
    findings.push_back(make_finding(Problem::shell_op_after_mesh, "",
                                    {fmt::format("\"{}\" starts behind it, the command after \"{}\" does not",
                                                 file_name(call.wrapped[0].value), joined)}));
  }
  return findings;
}

bool serves_public_port(const Leaf& leaf, const App& app) {
  return leaf.started.program < leaf.command.words.size() &&
         listening_of(leaf.command, leaf.started, leaf.scope, exported(leaf.scope, leaf.assignments()), app).is_public();
}

}  // namespace mesh::buildpack::doctor
