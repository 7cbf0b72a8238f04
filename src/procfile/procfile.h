#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mesh {

struct ProcessType {
  std::string name;     // as written: "web"
  std::string command;  // without surrounding blanks
};

// The process types of a Procfile in their order: lines "name: command". Empty lines, comments and lines of any other form
// declare nothing. Of several lines for one name the last one counts. Line ends of any kind and a byte order mark are fine.
std::vector<ProcessType> parse_procfile(std::string_view text);

// How the app's web process starts. The names are the values of the report's `procfile_web`.
enum class WebProcess { wrapped, unwrapped, missing, no_procfile };

std::string_view name(WebProcess);

struct ProcfileCheck {
  WebProcess web;
  std::string web_command = {};            // where there is a web process
  std::vector<std::string> findings = {};  // ids, sorted
};

// Reads a file of the app, named relative to its directory; nothing when there is none.
using AppFileReader = std::function<std::optional<std::string>(std::string_view path)>;

// Whether the web process runs behind the service mesh: its command names the mesh, or a script of the app that it starts
// does. Findings: procfile-missing, web-missing, mesh-not-used.
ProcfileCheck check_procfile(const AppFileReader&);

}  // namespace mesh
