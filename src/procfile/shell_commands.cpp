#include "procfile/shell_commands.h"

#include <algorithm>
#include <array>
#include <span>

namespace mesh::procfile {
namespace {

constexpr std::array<std::string_view, 14> kStructure = {"if", "then", "elif", "else",  "fi", "do",    "done",
                                                         "{",  "}",    "!",    "while", "in", "until", "time"};
// Those that begin something; the others end what is in front of them.
constexpr std::array<std::string_view, 6> kOpenings = {"if", "{", "!", "while", "until", "time"};
constexpr std::array<std::string_view, 6> kShells = {"sh", "bash", "dash", "ash", "zsh", "ksh"};

// Programs that start another one.
constexpr std::array<std::string_view, 8> kStarters = {"exec", "env",    "nohup",     "command",
                                                       "nice", "setsid", "dumb-init", "tini"};

bool one_of(std::string_view word, std::span<const std::string_view> list) {
  return std::ranges::find(list, word) != list.end();
}

bool is_empty(const Command& command) { return command.words.empty() && command.assignments.empty(); }

class Parser {
 public:
  explicit Parser(std::string_view directory) : directory_(directory) {}

  std::vector<Command> parse(std::string_view text) {
    for (Token& token : tokenize(text)) take(std::move(token));
    end_command("");
    return std::move(commands_);
  }

 private:
  void take(Token);
  void add_word(Token);
  void end_command(const std::string& operation);
  void enter_directory(const Command&);

  std::vector<Command> commands_;
  Command command_;
  bool redirected_ = false;
  std::string directory_;
  std::vector<std::string> outer_directories_;  // of the shells around this one: "(" opens one
};

void Parser::take(Token token) {
  if (token.kind == TokenKind::operation) {
    end_command(token.raw);
  } else if (token.kind == TokenKind::redirection) {
    redirected_ = true;
  } else if (redirected_) {
    redirected_ = false;
    if (!is_empty(command_)) command_.end = token.end;
  } else {
    add_word(std::move(token));
  }
}

void Parser::add_word(Token token) {
  if (is_empty(command_)) {
    if (one_of(token.raw, kStructure)) {
      if (!commands_.empty() && !one_of(token.raw, kOpenings)) commands_.back().after = "\n";
      return;
    }
    command_.begin = token.begin;
  }
  command_.end = token.end;
  auto& list = command_.words.empty() && assigned_name(token) ? command_.assignments : command_.words;
  list.push_back(std::move(token));
}

void Parser::end_command(const std::string& operation) {
  redirected_ = false;
  if (!is_empty(command_)) {
    command_.after = operation;
    command_.directory = directory_;
    enter_directory(command_);
    commands_.push_back(std::move(command_));
    command_ = {};
  }
  if (operation == "(") outer_directories_.push_back(directory_);
  if (operation == ")" && !outer_directories_.empty()) {
    directory_ = std::move(outer_directories_.back());
    outer_directories_.pop_back();
  }
}

// What cannot be known is most often the way back to the root: cd "$(dirname "$0")/..".
void Parser::enter_directory(const Command& command) {
  if (command.words.size() != 2 || command.words.front().value != "cd") return;
  directory_ = path_in_app(command.words[1].value, directory_).value_or("");
}

}  // namespace

std::vector<Command> parse_commands(std::string_view text, std::string_view directory) {
  return Parser(directory).parse(text);
}

std::optional<std::string> path_in_app(std::string_view word, std::string_view directory) {
  for (const std::string_view prefix : {"/app/", "/workspace/", "$HOME/", "${HOME}/"}) {
    if (!word.starts_with(prefix)) continue;
    word.remove_prefix(prefix.size());
    directory = "";
  }
  while (word.starts_with("./")) word.remove_prefix(2);
  while (word.ends_with('/')) word.remove_suffix(1);
  if (word.empty() || word.starts_with('/') || word.starts_with('-')) return std::nullopt;
  if (word.find_first_of("$*?:=") != std::string_view::npos || word.find("..") != std::string_view::npos)
    return std::nullopt;
  if (word == ".") return std::string(directory);
  return directory.empty() ? std::string(word) : std::string(directory) + "/" + std::string(word);
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

const Expansion* sole_expansion(std::string_view value, const std::vector<Expansion>& expansions) {
  if (expansions.size() != 1 || !value.starts_with('$')) return nullptr;
  return value.size() == expansions.front().end - expansions.front().begin ? &expansions.front() : nullptr;
}

void remember(const Command& command, Scope& scope) {
  for (const Token& word : command.words) {
    for (const Expansion& expansion : word.expansions) {
      if (expansion.assigns) scope.try_emplace(expansion.name, Binding{*expansion.fallback, {}});
    }
  }
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
  const std::string& program = command.words.front().value;
  if (program == "." || program == "source") scope.insert_or_assign(std::string(kReadFile), Binding{{}, {}, true});
  if (program != "export") return;
  for (const Token& token : command.words) {
    Binding* const assigned = assign(token);
    if (assigned != nullptr) assigned->exported = true;
    if (const auto known = scope.find(token.value); known != scope.end()) known->second.exported = true;
  }
}

std::string_view file_name(std::string_view word) { return word.substr(word.rfind('/') + 1); }

std::string quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result + "'";
}

std::size_t program_word(const std::vector<Token>& words, std::size_t from) {
  for (std::size_t i = from; i < words.size(); ++i) {
    const bool starter = one_of(file_name(words[i].value), kStarters);
    if (!starter && !assigned_name(words[i]) && !words[i].value.starts_with('-')) return i;
  }
  return words.size();
}

bool is_shell(const Token& word) { return one_of(file_name(word.value), kShells); }

const Token* inline_script(const std::vector<Token>& words, std::size_t from) {
  if (from >= words.size() || !is_shell(words[from])) return nullptr;
  for (std::size_t i = from + 1; i + 1 < words.size() && words[i].value.starts_with('-'); ++i) {
    if (words[i].value.ends_with('c')) return &words[i + 1];
  }
  return nullptr;
}

const Token* inline_script(const Command& command) { return inline_script(command.words, program_word(command.words, 0)); }

}  // namespace mesh::procfile
