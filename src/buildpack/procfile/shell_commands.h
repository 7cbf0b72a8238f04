#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/procfile/shell_words.h"

namespace mesh::buildpack::procfile {

// A simple command: NAME=value ... program argument ...
struct Command {
  std::vector<Token> assignments = {};
  std::vector<Token> words = {};               // the program first; empty when the command only assigns
  std::vector<std::string> redirections = {};  // as written: "2>&1"
  std::string after = {};                      // the operation that ends it; empty at the end of the text
  std::string directory = {};                  // where it runs, as far as "cd" says: a path inside the app; "" is the root
  bool conditional = false;  // it may be passed over, or decides about others: in "if", a loop, behind "||"
  std::size_t begin = 0;     // in the text
  std::size_t end = 0;
  std::size_t line = 1;  // of the text, where it begins
};

// A shell text taken apart.
struct ShellText {
  std::vector<Command> commands = {};  // in their order, without the structure around them
  std::string_view construct = {};     // the first thing that is more than simple commands: "a loop"; empty if none

  // Whether the text is one simple command, with nothing before it but "cd", "export" and assignments.
  bool is_simple() const;
};

// Parses a shell text. `directory` is where the first command runs.
ShellText parse_shell(std::string_view text, std::string_view directory = "");

// Returns why a shell surely rejects a line: "a quote is not closed". Empty if it may run it.
std::string_view syntax_error(std::string_view line);

// Returns the path inside the app that a word names for a command in this directory: "api/x" of "./x" in "api", "x" of
// "/app/x",
// "$HOME/x" and "/workspace/x". Returns nullopt for a path outside the app and one that depends on variables.
std::optional<std::string> path_in_app(std::string_view word, std::string_view directory);

// Returns "directory/name"; just the name in the root, which is "".
std::string in_directory(std::string_view directory, std::string_view name);

// A text with the variables in it whose value is not known.
struct Value {
  std::string text;
  std::vector<Expansion> expansions = {};

  // The one variable that the text consists of; nullptr for any other text.
  const Expansion* sole_expansion() const;
};

// Returns what a word "A=1" assigns.
Value assigned(const Token&);

// The text of a value that cannot be known.
inline constexpr std::string_view kUnknown = "?";

struct Binding {
  Value value;
  bool exported = false;  // whether programs see it
};

// The variables of a shell.
struct Scope : std::map<std::string, Binding, std::less<>> {
  bool has_unknown = false;  // a file was read into the shell (". ./env.sh"), which may have set anything

  // Returns the variable's value if it is set and programs see it, otherwise nullptr.
  const Value* exported_value(std::string_view name) const;
};

// Replaces the variables that the scope has.
Value expanded(const Value&, const Scope&);

// Records what a command leaves behind in the shell: assignments of its own and of its expansions, export, files it reads.
void remember(const Command&, Scope&);

// Returns the variables that a program sees which the command starts.
Scope exported(Scope, const std::vector<Token>& assignments);

// Returns a word's file name: "sh" of "/bin/sh".
std::string_view file_name(std::string_view word);

bool one_of(std::string_view word, std::string_view list);  // of names with a space between them

}  // namespace mesh::buildpack::procfile
