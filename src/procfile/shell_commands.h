#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "procfile/shell_words.h"

namespace mesh::procfile {

// A simple command: NAME=value ... program argument ...
struct Command {
  std::vector<Token> assignments = {};
  std::vector<Token> words = {};  // the program first; empty when the command only assigns
  std::string after = {};         // the operation that ends it; "\n" in front of words such as "else"; empty at the end
  std::string directory = {};     // where it runs, as far as "cd" says: a path inside the app; "" is the root
  std::size_t begin = 0;          // in the text
  std::size_t end = 0;
};

// The simple commands of a shell text, in their order and without its structure: words such as "if" and "then" and
// redirections are left out. `directory` is where the first of them runs.
std::vector<Command> parse_commands(std::string_view text, std::string_view directory = "");

// The path inside the app that a word names for a command in this directory: "api/x" of "./x" in "api", "x" of "/app/x",
// "$HOME/x" and "/workspace/x". Nothing for what lies elsewhere or cannot be known.
std::optional<std::string> path_in_app(std::string_view word, std::string_view directory);

// What a shell variable was given.
struct Binding {
  std::string value;                  // as Token::value
  std::vector<Expansion> expansions;  // of the value
  bool exported = false;              // whether programs see it
};

using Scope = std::map<std::string, Binding, std::less<>>;

// In a scope where a file was read into the shell (". ./env.sh"), which may have set anything.
inline constexpr std::string_view kReadFile = ".";

// The one expansion that a value consists of; nothing for any other value.
const Expansion* sole_expansion(std::string_view value, const std::vector<Expansion>&);

// What the assignment gives its variable. Precondition: assigned_name() of the token is there.
Binding binding_of(const Token& assignment);

// The same for the program that stands behind the assignment, and sees it.
Binding exported_binding_of(const Token& assignment);

// What a command leaves behind in the shell: assignments of its own and of its expansions, export, files it reads.
void remember(const Command&, Scope&);

// A word's file name: "sh" of "/bin/sh".
std::string_view file_name(std::string_view word);

// A text as one word: in single quotes.
std::string quoted(std::string_view text);

// The word of the program that really starts, from a word on: behind "exec", "env A=1", "nohup" and their like. The number
// of words where there is none.
std::size_t program_word(const std::vector<Token>& words, std::size_t from);

// Whether a word starts a shell: "sh", "/bin/bash".
bool is_shell(const Token&);

// The script of "sh -c SCRIPT" where such a command begins at this word.
const Token* inline_script(const std::vector<Token>& words, std::size_t from);

// The same of a whole command, also behind "exec" and its like.
const Token* inline_script(const Command&);

}  // namespace mesh::procfile
