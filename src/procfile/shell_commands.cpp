#include "procfile/shell_commands.h"

#include <algorithm>

namespace mesh::procfile {
namespace {

constexpr std::string_view kTests = "[ [[ test command which type hash grep";
constexpr std::string_view kPrelude = "cd export set unset ulimit :";

bool is_empty(const Command& command) { return command.words.empty() && command.assignments.empty(); }

class Parser {
 public:
  Parser(std::string_view text, std::string_view directory) : text_(text), directory_(directory) {}

  ShellText parse() {
    for (Token& token : tokenize(text_)) take(std::move(token));
    end_command("");
    return std::move(result_);
  }

 private:
  // A structure that is open: "if", "while", "case", "{", "(" or the body of a function.
  struct Block {
    std::string_view kind;
    bool in_condition = false;
    bool in_pattern = false;  // of "case"
    std::string directory = {};
  };

  void take(Token);
  void add_word(Token);
  bool open_or_close(const std::string& word);
  void open(std::string_view kind, std::string_view construct, bool in_condition = false) {
    see(construct);
    blocks_.push_back({kind, in_condition, kind == "case", directory_});
  }
  void close() {
    if (!blocks_.empty()) blocks_.pop_back();
  }
  void end_command(const std::string& operation);
  void see(std::string_view construct) {
    if (result_.construct.empty()) result_.construct = construct;
  }

  std::string_view text_;
  ShellText result_;
  Command command_;
  std::string directory_;
  std::vector<Block> blocks_;
  bool redirected_ = false;
  bool is_function_ = false;  // the next "{" opens its body
  bool chained_ = false;      // behind "||", or "&&" and a test
  std::size_t line_ = 1;
  std::size_t counted_ = 0;  // bytes whose newlines are in `line_`
};

void Parser::take(Token token) {
  if (token.substitutes) see("a command substitution");
  if (!token.closed) see("an unclosed quote");
  if (token.kind == TokenKind::operation) {
    end_command(token.raw);
  } else if (token.kind == TokenKind::redirection) {
    if (token.value.starts_with("<<")) see("a here-document");
    command_.redirections.push_back(token.raw);
    redirected_ = true;
  } else if (redirected_) {
    redirected_ = false;
    command_.redirections.back() += token.raw;
    if (!is_empty(command_)) command_.end = token.end;
  } else {
    add_word(std::move(token));
  }
}

// Whether a word in the place of a program is one of the shell's own.
bool Parser::open_or_close(const std::string& word) {
  if (word == "if") return open("if", "a condition", true), true;
  if (word == "while" || word == "until") return open("while", "a loop", true), true;
  if (word == "for" || word == "select") return open("for", "a loop"), false;
  if (word == "case") return open("case", "a condition"), false;
  if (word == "function") return see("a function"), is_function_ = true, false;
  if (word == "{") return open(is_function_ ? "function" : "{", "a group"), is_function_ = false, true;
  if (word == "fi" || word == "done" || word == "esac" || word == "}") return close(), true;
  if (word == "then" || word == "do" || word == "else" || word == "elif") {
    if (blocks_.empty()) return true;
    blocks_.back().in_condition = word == "elif";
    if (word == "elif") blocks_.back().kind = "elif";
    return true;
  }
  if (word == "!" || word == "time") return see("a group"), true;
  if (word == "trap") see("a trap");
  if (word == "eval") see("an eval");
  return false;
}

void Parser::add_word(Token token) {
  if (is_empty(command_)) {
    if (!token.quoted && open_or_close(token.raw)) return;
    counted_ = std::min(counted_, token.begin);
    line_ += static_cast<std::size_t>(std::ranges::count(text_.substr(counted_, token.begin - counted_), '\n'));
    counted_ = token.begin;
    command_.begin = token.begin;
    command_.line = line_;
  }
  command_.end = token.end;
  auto& list = command_.words.empty() && assigned_name(token) ? command_.assignments : command_.words;
  list.push_back(std::move(token));
}

void Parser::end_command(const std::string& operation) {
  redirected_ = false;
  if (operation == "&") see("a background job");
  if (operation == "|" || operation == "|&") see("a pipeline");
  if (operation == "||") see("a list with \"||\"");
  Block* const block = blocks_.empty() ? nullptr : &blocks_.back();
  const std::string first = command_.words.empty() ? "" : command_.words.front().raw;
  const bool is_structure = first == "for" || first == "select" || first == "case" || first == "function";
  bool is_pattern = block != nullptr && block->in_pattern;
  if (operation == "(" && command_.words.size() == 1 && !is_structure && !is_pattern) {
    see("a function");
    is_function_ = true;
    command_ = {};
  } else if (operation == "(" && !is_pattern) {
    open("(", "a group");
  }
  if (!is_empty(command_)) {
    command_.after = operation;
    command_.directory = directory_;
    const auto may_be_passed_over = [](const Block& open) {
      const bool is_first = open.in_condition && open.kind != "case" && open.kind != "elif";
      return open.kind != "{" && open.kind != "(" && !is_first;
    };
    command_.conditional = chained_ || std::ranges::any_of(blocks_, may_be_passed_over);
    command_.condition = std::ranges::any_of(blocks_, &Block::in_condition);
    if (command_.words.size() == 2 && command_.words.front().value == "cd") {
      // A directory that is unknown here is most often the root: cd "$(dirname "$0")/..".
      directory_ = path_in_app(command_.words[1].value, directory_).value_or("");
    }
    const bool is_test = !command_.words.empty() && one_of(command_.words.front().value, kTests);
    chained_ = operation == "||" || (operation == "&&" && (chained_ || is_test));
    if (!is_structure && !is_pattern) result_.commands.push_back(std::move(command_));
  }
  command_ = {};
  if (operation != "&&" && operation != "||") chained_ = false;
  if (operation == ";;" && block != nullptr) block->in_pattern = block->kind == "case";
  if (operation != ")" || blocks_.empty()) return;
  if (is_pattern) {
    blocks_.back().in_pattern = false;
  } else if (blocks_.back().kind == "(") {
    directory_ = blocks_.back().directory;
    blocks_.pop_back();
  }
}

}  // namespace

bool ShellText::is_simple() const {
  if (!construct.empty() || commands.empty()) return false;
  const bool is_plain_list = std::all_of(commands.begin(), commands.end() - 1, [](const Command& command) {
    return command.words.empty() || one_of(command.words.front().value, kPrelude);
  });
  const std::string& after = commands.back().after;
  return is_plain_list && (after.empty() || after == ";" || after == "\n") && !commands.back().words.empty();
}

ShellText parse_shell(std::string_view text, std::string_view directory) { return Parser(text, directory).parse(); }

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

const Expansion* sole_expansion(std::string_view value, const std::vector<Expansion>& expansions) {
  if (expansions.size() != 1) return nullptr;
  return value == expansions.front().text ? &expansions.front() : nullptr;
}

void bind(const Token& assignment, Scope& scope) {
  if (const auto name = assigned_name(assignment)) {
    scope.insert_or_assign(*name, Binding{assigned_value(assignment), assignment.expansions, true});
  }
}

void remember(const Command& command, Scope& scope) {
  const bool sure = !command.conditional;
  for (const Token& word : command.words) {
    for (const Expansion& expansion : word.expansions) {
      if (expansion.assigns) scope.try_emplace(expansion.name, Binding{*expansion.fallback, {}, false, false});
    }
  }
  const std::string program = command.words.empty() ? "" : command.words.front().value;
  if (program == "." || program == "source" || program == "eval") {
    scope.insert_or_assign(std::string(kReadFile), Binding{{}, {}, true});
  }
  if (!program.empty() && program != "export") return;
  for (const Token& token : program.empty() ? command.assignments : command.words) {
    if (const auto name = assigned_name(token)) {
      const auto former = scope.find(*name);
      // PORT is in the environment before, and stays there.
      const bool is_exported = !program.empty() || name == "PORT" || (former != scope.end() && former->second.exported);
      scope.insert_or_assign(*name, Binding{assigned_value(token), token.expansions, is_exported, sure});
    } else if (const auto known = scope.find(token.value); known != scope.end()) {
      known->second.exported = true;
    }
  }
}

Scope exported(const Scope& scope, const std::vector<Token>& assignments) {
  Scope seen;
  for (const auto& [name, binding] : scope) {
    if (binding.exported) seen.insert_or_assign(name, binding);
  }
  for (const Token& token : assignments) bind(token, seen);
  return seen;
}

std::string_view file_name(std::string_view word) { return word.substr(word.rfind('/') + 1); }

bool one_of(std::string_view word, std::string_view list) {
  if (word.empty() || word.find(' ') != std::string_view::npos) return false;
  for (std::size_t at = list.find(word); at != std::string_view::npos; at = list.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || list[at - 1] == ' ') && (end == list.size() || list[end] == ' ')) return true;
  }
  return false;
}

}  // namespace mesh::procfile
