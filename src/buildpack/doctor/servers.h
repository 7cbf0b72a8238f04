#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/procfile/app.h"
#include "buildpack/procfile/shell_commands.h"

namespace mesh::buildpack::doctor {

// Where a server listens when its command line names no port.
enum class Untold {
  port_variable,  // on $PORT, else on its default
  own_default,    // on its default, whatever PORT is
  unknown,        // where the app's own code says
};

// In the place of keys: wherever the file reads PORT, that is where to listen.
inline constexpr std::string_view kWholeFile = "*";

// How a server picks its port. Each row was seen with the version that docs/servers.md names.
struct Server {
  std::string_view program;          // or the end of its path, from a "/" on; with a "/" at the end any part of the path
  std::string_view subcommand = {};  // one of these must follow: "server s"; empty: any
  Untold untold;
  int default_port;                      // 0: none
  std::string_view port_flags = {};      // before or joined to a port; "=" at the end: only joined
  std::string_view address_flags = {};   // before or joined to an address that ends in a port
  std::string_view variables = {};       // that name the port, before PORT
  std::string_view port_arguments = {};  // arguments that name its port, with {}; empty: the variable PORT does
  std::string_view config_files = {};    // read by themselves from where it runs
  std::string_view config_flags = {};    // before the path of another one, or something else that decides
  std::string_view config_keys = {};     // of lines in such a file that say where to listen
  std::string_view needs = {};           // "FILE WORD": the row counts only if this file of the app has this word
  bool uncertain = false;                // which arguments make it listen on a port depends on more than the row knows
};

// Whether a flag looks like one for the port but the server does not have it: it exits with a usage error.
bool is_unknown_port_flag(const Server&, std::string_view flag);

// Whether a server exits with a usage error if nothing follows this flag.
bool needs_value(const Server&, std::string_view flag);

// The program that a command really starts, behind "exec", "env A=1", "bundle exec", "npx", "python -m" and their like.
struct Started {
  std::size_t program = 0;                 // index into the words; their number if there is none
  std::size_t file = 0;                    // of the interpreter's file: "app.py" of "python app.py"; else the program's
  std::size_t arguments = 0;               // of the word behind the program and its subcommand
  const Server* server = nullptr;          // nullptr: nothing is known about its port
  std::optional<std::string> script = {};  // SCRIPT of "sh -c SCRIPT"
  std::vector<procfile::Token> assignments = {};  // of "env" before it
};

Started started_program(const std::vector<procfile::Token>& words);

// Returns the server of a command as the app's files have it: none if they lack what its row needs, Sinatra if the started
// file is a classic app of it.
const Server* server_in_app(const procfile::Command&, const Started&, const procfile::App&);

// Whether a program starts others that its command line does not name: "make", "foreman".
bool starts_unknown_programs(std::string_view program);

bool is_shell(std::string_view program);

}  // namespace mesh::buildpack::doctor
