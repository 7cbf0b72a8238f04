#include "procfile/mesh_call.h"

#include <algorithm>
#include <array>

namespace mesh::procfile {
namespace {

constexpr std::ptrdiff_t kMaxLater = 50;

// Programs that take a mesh's name without starting it.
constexpr std::array<std::string_view, 16> kSpeakers = {"echo", "printf", "which", "type", "test", "[",  "[[",   "ls",
                                                        "cat",  "chmod",  "cp",    "mv",   "ln",   "rm", "file", "grep"};

// Where the app's command begins, and whether a "--" comes before it.
void find_wrapped(MeshCall& call) {
  std::size_t i = call.mesh + 1;
  while (i < call.words().size()) {
    const std::string& word = call.words()[i].value;
    if (word == "--") {
      call.dashes = i;
      ++i;
      break;
    }
    if (!word.starts_with('-') || word == "-") break;
    i += word == "--port" || word == "-p" ? 2 : 1;
  }
  call.wrapped = std::min(i, call.words().size());
}

MeshCall call_of(const Command& command, std::size_t mesh) {
  MeshCall call{.command = command, .mesh = mesh, .assignments = command.assignments};
  call.name = *parse_mesh_name(command.words[mesh].value);
  for (std::size_t i = 0; i < mesh; ++i) {
    if (assigned_name(command.words[i])) call.assignments.push_back(command.words[i]);
  }
  find_wrapped(call);
  return call;
}

// The name of a mesh that a variable holds: "$MESH" after MESH=..., ${MESH:-...}.
// NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxIndirection
std::optional<std::string> held_mesh(std::string_view value, const std::vector<Expansion>& expansions, const Scope& scope,
                                     int depth) {
  constexpr int kMaxIndirection = 4;
  if (depth > 0 && parse_mesh_name(value)) return std::string(value);
  const Expansion* const expansion = sole_expansion(value, expansions);
  if (expansion == nullptr || depth > kMaxIndirection) return std::nullopt;
  if (const auto bound = scope.find(expansion->name); bound != scope.end()) {
    if (auto name = held_mesh(bound->second.value, bound->second.expansions, scope, depth + 1)) return name;
  }
  return expansion->fallback && parse_mesh_name(*expansion->fallback) ? expansion->fallback : std::nullopt;
}

Command with_held_names(Command command, const Scope& scope) {
  for (Token& word : command.words) {
    if (auto name = held_mesh(word.value, word.expansions, scope, 0)) word.value = *std::move(name);
  }
  return command;
}

}  // namespace

std::optional<std::size_t> mesh_word_of(const Command& command) {
  if (command.words.empty()) return std::nullopt;
  const std::string_view program = file_name(command.words.front().value);
  if (std::ranges::find(kSpeakers, program) != kSpeakers.end()) return std::nullopt;
  if (program == "command" && command.words.size() > 1 && command.words[1].value.starts_with('-')) return std::nullopt;
  const auto mesh =
      std::ranges::find_if(command.words, [](const Token& word) { return parse_mesh_name(word.value).has_value(); });
  if (mesh == command.words.end()) return std::nullopt;
  return static_cast<std::size_t>(mesh - command.words.begin());
}

std::vector<MeshCall> find_mesh_calls(const std::vector<Command>& commands, Scope scope) {
  std::vector<MeshCall> calls;
  for (auto command = commands.begin(); command != commands.end() && calls.size() < 20; ++command) {
    const Command known = with_held_names(*command, scope);
    if (const auto mesh = mesh_word_of(known)) {
      calls.push_back(call_of(known, *mesh));
      calls.back().scope = scope;
      const auto ahead = std::min<std::ptrdiff_t>(commands.end() - command - 1, kMaxLater);
      calls.back().later.assign(command + 1, command + 1 + ahead);
    }
    remember(*command, scope);
  }
  return calls;
}

}  // namespace mesh::procfile
