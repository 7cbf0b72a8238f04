#include "buildpack/procfile/shell_commands.h"

#include <algorithm>

namespace mesh::buildpack::procfile {
namespace {

constexpr std::string_view kTests = "[ [[ test command which type hash grep";
constexpr std::string_view kPrelude = "cd export set unset ulimit :";
constexpr std::string_view kStructures = "for select case function";

bool is_empty(const Command& command) { return command.words.empty() && command.assignments.empty(); }

class Parser {
 public:
  Parser(std::string_view text, std::string_view directory) : text_(text), directory_(directory) {}

  ShellText parse() {
    std::vector<Token> tokens = tokenize(text_);
    if (tokens.size() >= kMaxTokens) see("a text that is too long");
    for (Token& token : tokens) take(std::move(token));
    end_command("");
    return std::move(result_);
  }

 private:
  // A structure that is open: "if", "while", "case", "{", "(" or the body of a function.
  struct Block {
    std::string_view kind;
    std::string directory;    // before it
    bool in_pattern = false;  // of "case"
  };

  void open(std::string_view kind, std::string_view construct) {
    see(construct);
    blocks_.push_back({kind, directory_, kind == "case"});
  }
  void see(std::string_view construct) {
    if (result_.construct.empty()) result_.construct = construct;
  }
  bool in_pattern() const { return !blocks_.empty() && blocks_.back().in_pattern; }
  bool in_structure() const { return !command_.words.empty() && one_of(command_.words.front().raw, kStructures); }

  void take(Token token) {
    if (token.substitutes) see("a command substitution");
    if (!token.closed) see("an unclosed quote");
    if (token.kind == TokenKind::operation) return end_command(token.raw);
    if (token.kind == TokenKind::redirection) {
      if (token.value.starts_with("<<")) see("a here-document");
      if (is_empty(command_) && command_.redirections.empty()) command_.begin = token.begin;
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

  // Opens and closes structures. True if the word is the shell's own and a program may follow.
  bool take_keyword(std::string_view word) {
    if (one_of(word, "if case")) open(word == "if" ? "if" : "case", "a condition");
    if (one_of(word, "while until for select")) open("loop", "a loop");
    if (word == "{") open(is_function_ ? "function" : "{", "a group");
    if (one_of(word, "function {")) is_function_ = word == "function";
    if (word == "function") see("a function");
    if (one_of(word, "! time")) see("a group");
    if (word == "trap") see("a trap");
    if (word == "eval") see("an eval");
    if (one_of(word, "fi done esac }") && !blocks_.empty()) blocks_.pop_back();
    return one_of(word, "if then elif else fi while until do done esac { } ! time");
  }

  void add_word(Token token) {
    if (is_empty(command_)) {
      if (!token.quoted && take_keyword(token.raw)) return;
      line_ += static_cast<std::size_t>(std::ranges::count(text_.substr(counted_, token.begin - counted_), '\n'));
      counted_ = token.begin;
      if (command_.redirections.empty()) command_.begin = token.begin;
      command_.line = line_;
    }
    command_.end = token.end;
    auto& list = command_.words.empty() && assigned_name(token) ? command_.assignments : command_.words;
    list.push_back(std::move(token));
  }

  void add_command(const std::string& operation) {
    if (is_empty(command_)) return;
    const std::string program = command_.words.empty() ? "" : command_.words.front().value;
    command_.after = operation;
    command_.directory = directory_;
    command_.conditional =
        chained_ || std::ranges::any_of(blocks_, [](const Block& block) { return block.kind != "{" && block.kind != "("; });
    // A directory that is unknown here is most often the root: cd "$(dirname "$0")/..".
    if (command_.words.size() == 2 && program == "cd") {
      directory_ = path_in_app(command_.words[1].value, directory_).value_or("");
    }
    chained_ = operation == "||" || (operation == "&&" && (chained_ || one_of(program, kTests)));
    if (!in_structure() && !in_pattern()) result_.commands.push_back(std::move(command_));
  }

  // "name()" or a group.
  void open_parenthesis() {
    if (command_.words.size() != 1 || in_structure()) return open("(", "a group");
    see("a function");
    is_function_ = true;
    command_ = {};
  }

  void close_parenthesis() {
    if (blocks_.empty()) return;
    if (blocks_.back().in_pattern) {
      blocks_.back().in_pattern = false;
    } else if (blocks_.back().kind == "(") {
      directory_ = blocks_.back().directory;
      blocks_.pop_back();
    }
  }

  void end_command(const std::string& operation) {
    redirected_ = false;
    if (operation == "&") see("a background job");
    if (operation == "|" || operation == "|&") see("a pipeline");
    if (operation == "||") see("a list with \"||\"");
    if (operation == "(" && !in_pattern()) open_parenthesis();
    add_command(operation);
    command_ = {};
    if (operation != "&&" && operation != "||") chained_ = false;
    if (operation == ";;" && !blocks_.empty()) blocks_.back().in_pattern = blocks_.back().kind == "case";
    if (operation == ")") close_parenthesis();
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

std::string_view syntax_error(std::string_view line) {
  // Their contents are not parsed, and "case" has operators of its own.
  for (const std::string_view unclear : {"${", "$(", "`", "$'", "$\"", "<<", "case ", "[[", "(("}) {
    if (line.find(unclear) != std::string_view::npos) return "";
  }
  constexpr std::string_view kLists = "&& || | |& ; ;; &";
  constexpr std::string_view kContinued = "&& || | |&";  // a command must follow
  const std::vector<Token> tokens = tokenize(line);
  std::string_view before = ";";
  for (const Token& token : tokens) {
    if (!token.closed && !token.raw.ends_with('\\')) return "a quote is not closed";
    const bool is_operation = token.kind == TokenKind::operation;
    if (is_operation && one_of(token.raw, kLists) && one_of(before, kLists)) return "a command is missing";
    before = is_operation ? std::string_view(token.raw) : "";
  }
  return one_of(before, kContinued) && !tokens.empty() ? "a command is missing" : "";
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
  return in_directory(directory, word);
}

std::string in_directory(std::string_view directory, std::string_view name) {
  return directory.empty() ? std::string(name) : std::string(directory) + "/" + std::string(name);
}

const Expansion* Value::sole_expansion() const {
  return !expansions.empty() && text == expansions.front().text ? &expansions.front() : nullptr;
}

Value assigned(const Token& token) { return {assigned_value(token), token.expansions}; }

const Value* Scope::exported_value(std::string_view name) const {
  const auto bound = find(name);
  return bound == end() || !bound->second.exported ? nullptr : &bound->second.value;
}

Value expanded(const Value& value, const Scope& scope) {
  constexpr std::size_t kMaxLength = 10'000;
  Value result{value.text};
  std::size_t from = 0;
  for (const Expansion& expansion : value.expansions) {
    const std::size_t at = result.text.find(expansion.text, from);
    const auto bound = scope.find(expansion.name);
    if (at == std::string::npos || result.text.size() > kMaxLength) return {std::string(kUnknown)};
    if (bound == scope.end()) {
      result.expansions.push_back(expansion);
      from = at + expansion.text.size();
    } else {
      const auto& [text, expansions] = bound->second.value;
      result.text.replace(at, expansion.text.size(), text);
      result.expansions.insert(result.expansions.end(), expansions.begin(), expansions.end());
      from = at + text.size();
    }
  }
  return result;
}

void remember(const Command& command, Scope& scope) {
  for (const Token& word : command.words) {
    for (const Expansion& expansion : word.expansions) {
      if (expansion.assigns) scope.try_emplace(expansion.name, Binding{{std::string(kUnknown)}});
    }
  }
  const std::string program = command.words.empty() ? "" : command.words.front().value;
  if (one_of(program, ". source eval")) scope.has_unknown = true;
  if (program == "unset") {
    for (const Token& word : command.words) scope.insert_or_assign(word.value, Binding{{std::string(kUnknown)}, true});
  }
  if (!program.empty() && program != "export") return;
  for (const Token& token : program.empty() ? command.assignments : command.words) {
    const auto known = scope.find(assigned_name(token).value_or(token.value));
    const bool is_known = known != scope.end();
    if (const auto name = assigned_name(token)) {
      // PORT is in the environment before, and stays there.
      const bool is_exported = !program.empty() || name == "PORT" || (is_known && known->second.exported);
      Value value = command.conditional ? Value{std::string(kUnknown)} : expanded(assigned(token), scope);
      scope.insert_or_assign(*name, Binding{std::move(value), is_exported});
    } else if (is_known) {
      known->second.exported = true;
    }
  }
}

Scope exported(Scope scope, const std::vector<Token>& assignments) {
  for (const Token& token : assignments) {
    if (const auto name = assigned_name(token)) {
      Value value = expanded(assigned(token), scope);
      scope.insert_or_assign(*name, Binding{std::move(value), true});
    }
  }
  std::erase_if(scope, [](const auto& variable) { return !variable.second.exported; });
  return scope;
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

}  // namespace mesh::buildpack::procfile
