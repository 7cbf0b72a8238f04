#include "procfile/port_checks.h"

#include <algorithm>
#include <array>
#include <optional>

#include "procfile/call_checks.h"

namespace mesh::procfile {
namespace {

using Kind = PortValue::Kind;
using From = AppPort::From;

// What the platform and its language buildpacks set, whatever the app does.
constexpr std::array<std::string_view, 7> kPlatformVariables = {
    "PORT", "HOME", "PATH", "DYNO", "JAVA_OPTS", "JAVA_TOOL_OPTIONS", "WEB_CONCURRENCY"};
// Commands that may speak of $PORT without listening there.
constexpr std::array<std::string_view, 10> kTalkers = {"echo",   "printf", "[",        "[[",    "test",
                                                       "export", "sed",    "envsubst", "unset", ":"};

bool one_of(std::string_view word, std::span<const std::string_view> list) {
  return std::ranges::find(list, word) != list.end();
}

Edit replacement(const Expansion& expansion, std::string text) { return {expansion.begin, expansion.end, std::move(text)}; }

// Each use of $PORT in a command, from one word on.
void check_public_port(const std::vector<Token>& words, std::size_t from, const Scope& scope, const AppPort& port,
                       const Command& command, Drafts& drafts) {
  if (scope.contains("PORT")) return;
  Draft draft{Problem::same_port, {"an app that listens there"}, command.begin, command.end};
  for (std::size_t i = from; i < words.size(); ++i) {
    for (const Expansion& expansion : words[i].expansions) {
      if (expansion.name == "PORT") draft.edits.push_back(replacement(expansion, port.spelled));
    }
  }
  if (!draft.edits.empty()) drafts.push_back(std::move(draft));
}

std::string told(const PortValue& value, From from) {
  if (value.secret) return "the one in the config var APP_PORT";
  return std::to_string(value.number) + (from == From::nowhere ? " (APP_PORT is not set)" : "");
}

// What makes the mesh forward to where the app listens, or the app listen where the mesh forwards to.
std::vector<Edit> matching(const PortArgument& argument, int listens, const AppPort& port, std::size_t begin) {
  if (port.assignment && port.assignment->raw == port.assignment->value) {
    return {{port.assignment->begin, port.assignment->end, "APP_PORT=" + std::to_string(listens)}};
  }
  if (port.from == From::nowhere) return {{begin, begin, "APP_PORT=" + std::to_string(listens) + " "}};
  if (argument.begin == argument.end) return {};
  return {{argument.begin, argument.end, port.spelled}};
}

// An app that is told several ports listens on the mesh's when one of them is that.
void check_mismatch(const std::vector<Token>& words, std::size_t from, const Scope& scope, const AppPort& port,
                    const Command& command, const Surroundings& around, Drafts& drafts) {
  if (port.value.kind != Kind::number) return;
  std::optional<Draft> mismatch;
  for (const PortArgument& argument : port_arguments(words, from)) {
    const PortValue listens = port_value(argument.value, argument.expansions, scope, around);
    if (listens.kind != Kind::number || listens.secret) continue;
    if (listens.number == port.value.number) return;
    if (mismatch) continue;
    mismatch = Draft{Problem::app_port_mismatch,
                     {std::to_string(listens.number), told(port.value, port.from)},
                     command.begin,
                     command.end,
                     matching(argument, listens.number, port, command.begin)};
  }
  if (mismatch) drafts.push_back(*std::move(mismatch));
}

// The assignments in front of the mesh become an export before it.
std::vector<Edit> exported_first(const MeshCall& call, std::string_view name) {
  const auto& own = call.command.assignments;
  if (std::ranges::none_of(own, [&](const Token& token) { return assigned_name(token) == name; })) return {};
  return {{own.front().begin, own.front().begin, "export "}, {own.back().end, own.back().end, " &&"}};
}

// Whether the shell knows a variable before the command that assigns it.
bool is_set_outside(const std::string& name, const Scope& scope, const Surroundings& around) {
  return one_of(name, kPlatformVariables) || scope.contains(name) || scope.contains(kReadFile) || around.config_value(name);
}

void check_expansions(const MeshCall& call, const Surroundings& around, Drafts& drafts) {
  for (const Token& assignment : call.assignments) {
    const std::string name = assigned_name(assignment).value_or("");
    if (is_set_outside(name, call.scope, around)) continue;
    for (std::size_t i = call.mesh; i < call.words().size(); ++i) {
      const auto& expansions = call.words()[i].expansions;
      const bool early = std::ranges::any_of(expansions, [&](const Expansion& e) { return e.name == name && !e.fallback; });
      if (!early) continue;
      drafts.push_back({Problem::expansion_before_assignment,
                        {"$" + name},
                        call.command.begin,
                        call.command.end,
                        exported_first(call, name)});
      break;
    }
  }
}

bool assigns_behind(const MeshCall& call, std::string_view name) {
  return std::any_of(call.words().begin() + static_cast<std::ptrdiff_t>(call.wrapped), call.words().end(),
                     [&](const Token& word) { return assigned_name(word) == name; });
}

void check_app_port(const MeshCall& call, const AppPort& port, Drafts& drafts) {
  const Command& command = call.command;
  if (port.value.kind == Kind::public_port) {
    Draft draft{Problem::same_port, {"an app that listens on the same APP_PORT"}, command.begin, command.end};
    if (port.assignment) draft.edits = {{port.assignment->begin, port.assignment->end, "APP_PORT=3000"}};
    drafts.push_back(std::move(draft));
  } else if (port.from == From::nowhere || port.from == From::unknown) {
    const auto bound = call.scope.find("APP_PORT");
    const bool hidden = bound != call.scope.end();
    if (!hidden && port.from == From::unknown) return;                           // it may well be a config var
    if (!hidden && !port_arguments(call.words(), call.wrapped).empty()) return;  // compared with 3000 already
    if (assigns_behind(call, "APP_PORT")) return;                                // which is the mistake
    const std::string value =
        hidden && bound->second.expansions.empty() ? bound->second.value : std::to_string(kDefaultAppPort);
    drafts.push_back({hidden ? Problem::app_port_not_exported : Problem::app_port_unset,
                      {},
                      command.begin,
                      command.end,
                      {{command.begin, command.begin, "APP_PORT=" + value + " "}}});
  }
}

// "sh -c '...'": what is in the quotes is a text of its own.
void check_inline_script(const MeshCall& call, const AppPort& port, const Surroundings& around, Drafts& drafts) {
  const Token* const script = inline_script(call.words(), call.wrapped);
  if (script == nullptr) return;
  for (Draft& draft : check_wrapped_text(script->value, scope_of_wrapped(call), port, around)) {
    drafts.push_back(seen_from_outside(std::move(draft), *script, call.command));
  }
}

// What gives PORT to the app alone, when it was given to the mesh.
std::vector<Edit> port_for_app(const MeshCall& call, const Token& assignment) {
  if (!call.has_command()) return {};
  std::size_t behind = call.words()[call.wrapped].begin;
  for (const auto* const tokens : {&call.command.assignments, &call.words()}) {
    for (const Token& token : *tokens) {
      if (token.begin > assignment.begin) behind = std::min(behind, token.begin);
    }
  }
  const std::size_t app = call.words()[call.wrapped].begin;
  return {{assignment.begin, behind, ""}, {app, app, "env " + assignment.raw + " "}};
}

// PORT in front of the mesh is the mesh's own; AppLink's --port goes before it.
void check_own_port(const MeshCall& call, const AppPort& port, const Surroundings& around, Drafts& drafts) {
  if (call.has_flags() || port.value.kind != Kind::number) return;
  const Scope scope = scope_of_wrapped(call);
  const auto own = scope.find("PORT");
  if (own == scope.end()) return;
  const PortValue value = port_value(own->second.value, own->second.expansions, call.scope, around);
  if (value.kind != Kind::number || value.number != port.value.number) return;
  Draft draft{Problem::same_port, {"an app that listens on the same APP_PORT"}, call.command.begin, call.command.end};
  const auto assignment =
      std::ranges::find_if(call.assignments, [](const Token& token) { return assigned_name(token) == "PORT"; });
  if (assignment != call.assignments.end()) draft.edits = port_for_app(call, *assignment);
  drafts.push_back(std::move(draft));
}

}  // namespace

Scope scope_of_wrapped(const MeshCall& call) {
  Scope scope;
  for (const auto& [name, binding] : call.scope) {
    if (binding.exported) scope.insert_or_assign(name, binding);
  }
  for (const Token& assignment : call.assignments) {
    scope.insert_or_assign(assigned_name(assignment).value_or(""), exported_binding_of(assignment));
  }
  return scope;
}

Drafts check_early_expansions(const Command& command, const Token& script, const Scope& scope, const Surroundings& around) {
  Scope assigned;
  for (const Command& inner : parse_commands(script.value)) {
    remember(inner, assigned);
    for (const Token& token : inner.assignments) assigned.insert_or_assign(*assigned_name(token), Binding{});
  }
  for (const Expansion& expansion : script.expansions) {
    if (expansion.fallback || !assigned.contains(expansion.name) || is_set_outside(expansion.name, scope, around)) continue;
    std::vector<Edit> edits;
    if (script.raw == '"' + script.value + '"') edits.push_back({script.begin, script.end, quoted(script.value)});
    return {{Problem::expansion_before_assignment, {"$" + expansion.name}, command.begin, command.end, std::move(edits)}};
  }
  return {};
}

Drafts check_ports(const MeshCall& call, const Surroundings& around) {
  Drafts drafts;
  const AppPort port = app_port_of(call, around);
  check_app_port(call, port, drafts);
  check_own_port(call, port, around, drafts);
  if (!call.has_command()) return drafts;
  check_expansions(call, around, drafts);
  check_public_port(call.words(), call.wrapped, call.scope, port, call.command, drafts);
  check_mismatch(call.words(), call.wrapped, call.scope, port, call.command, around, drafts);
  check_inline_script(call, port, around, drafts);
  return drafts;
}

Drafts check_wrapped_text(std::string_view text, const Scope& scope, const AppPort& port, const Surroundings& around) {
  Drafts drafts;
  Scope known = scope;
  // Here APP_PORT is set whatever set it; a number would have to be kept in step.
  AppPort inherited = port;
  inherited.assignment.reset();
  if (port.from != From::nowhere && port.from != From::unknown && port.from != From::settings_file)
    inherited.spelled = "$APP_PORT";
  if (inherited.from == From::nowhere) inherited.from = From::settings_file;  // nothing can be set in front of this text
  for (const Command& command : parse_commands(text)) {
    remember(command, known);
    if (command.words.empty() || one_of(command.words.front().value, kTalkers)) continue;
    Scope seen = known;
    for (const Token& assignment : command.assignments) {
      if (assigned_name(assignment) == "PORT") seen.insert_or_assign("PORT", binding_of(assignment));
    }
    check_public_port(command.words, 0, seen, inherited, command, drafts);
    check_mismatch(command.words, 0, known, inherited, command, around, drafts);
    if (mesh_word_of(command)) drafts.push_back({Problem::nested_mesh, {}, command.begin, command.end, {}});
    const Drafts sleepy = check_sleepy(command.words, 0);
    drafts.insert(drafts.end(), sleepy.begin(), sleepy.end());
  }
  return drafts;
}

}  // namespace mesh::procfile
