#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/procfile/app.h"

namespace mesh::buildpack::procfile {

// The Procfile of an app.
struct ProcfileText {
  std::string text = {};          // as UTF-8
  std::string file = "Procfile";  // its name
  bool is_utf16 = false;          // then the platform cannot read it
  bool is_misnamed = false;       // then the platform does not read it: "procfile", "Procfile.txt"
  bool is_unreadable = false;     // it exists, but cannot be read here
};

// Reads the Procfile, also one with a wrong name or encoding. Returns nullopt if the app has none.
std::optional<ProcfileText> read_procfile(const App&);

// A process type of a Procfile: a line "name: command".
struct Entry {
  std::string name;         // as written: "web"
  std::string command;      // without surrounding spaces and without names that were written again
  std::string second_name;  // "web:" of "web: web: ..."; else empty
  std::size_t line;         // counted from 1
  std::string lead;         // all that is in front of the command
  bool continued = false;   // a backslash ends the line; `command` goes on in the next ones
};

// Returns the entries of a Procfile in their order, duplicates too. Empty lines, comments and lines of any other form
// declare nothing. Newlines of any kind and a byte order mark are fine.
std::vector<Entry> parse_procfile(std::string_view text);

// Returns the numbers of the lines that are neither empty nor a comment nor part of an entry.
std::vector<std::size_t> refused_lines(std::string_view text);

// Returns the entry that is the web process: the last of several; without one, an entry that differs in case only.
const Entry* web_entry(const std::vector<Entry>&);

// Returns "Procfile:3".
std::string place_of(const Entry&);

}  // namespace mesh::buildpack::procfile
