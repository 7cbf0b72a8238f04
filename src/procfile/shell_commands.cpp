#include "procfile/shell_commands.h"

#include <algorithm>
#include <array>

namespace mesh::procfile {
namespace {

constexpr std::array<std::string_view, 14> kStructure = {"if", "then", "elif", "else",  "fi", "do",    "done",
                                                         "{",  "}",    "!",    "while", "in", "until", "time"};
constexpr std::array<std::string_view, 6> kShells = {"sh", "bash", "dash", "ash", "zsh", "ksh"};

bool is_structure(const Token& token) { return std::ranges::find(kStructure, token.raw) != kStructure.end(); }

bool is_empty(const Command& command) { return command.words.empty() && command.assignments.empty(); }

void add_word(Command& command, Token token) {
  if (is_empty(command)) {
    if (is_structure(token)) return;
    command.begin = token.begin;
  }
  command.end = token.end;
  auto& list = command.words.empty() && assigned_name(token) ? command.assignments : command.words;
  list.push_back(std::move(token));
}

}  // namespace

std::vector<Command> parse_commands(std::string_view text) {
  std::vector<Command> commands;
  Command command;
  bool redirected = false;
  for (Token& token : tokenize(text)) {
    if (token.kind == TokenKind::operation) {
      command.after = token.raw;
      if (!is_empty(command)) commands.push_back(std::move(command));
      command = {};
      redirected = false;
    } else if (token.kind == TokenKind::redirection) {
      redirected = true;
    } else if (redirected) {
      redirected = false;
      if (!is_empty(command)) command.end = token.end;
    } else {
      add_word(command, std::move(token));
    }
  }
  if (!is_empty(command)) commands.push_back(std::move(command));
  return commands;
}

Binding binding_of(const Token& assignment) {
  const std::size_t equals = assignment.value.find('=');
  return {assignment.value.substr(std::min(equals + 1, assignment.value.size())), assignment.expansions};
}

Binding exported_binding_of(const Token& assignment) {
  Binding binding = binding_of(assignment);
  binding.exported = true;
  return binding;
}

void remember(const Command& command, Scope& scope) {
  const auto assign = [&](const Token& token) -> Binding* {
    const auto name = assigned_name(token);
    if (!name) return nullptr;
    Binding binding = binding_of(token);
    const auto former = scope.find(*name);
    binding.exported = former != scope.end() && former->second.exported;
    return &scope.insert_or_assign(*name, std::move(binding)).first->second;
  };
  if (command.words.empty()) {
    for (const Token& token : command.assignments) assign(token);
    return;
  }
  if (command.words.front().value != "export") return;
  for (const Token& token : command.words) {
    Binding* const assigned = assign(token);
    if (assigned != nullptr) assigned->exported = true;
    if (const auto known = scope.find(token.value); known != scope.end()) known->second.exported = true;
  }
}

std::string_view file_name(std::string_view word) { return word.substr(word.rfind('/') + 1); }

const Token* inline_script(const std::vector<Token>& words, std::size_t from) {
  if (from >= words.size() || std::ranges::find(kShells, file_name(words[from].value)) == kShells.end()) return nullptr;
  for (std::size_t i = from + 1; i + 1 < words.size() && words[i].value.starts_with('-'); ++i) {
    if (words[i].value.ends_with('c')) return &words[i + 1];
  }
  return nullptr;
}

}  // namespace mesh::procfile
