#include "buildpack/doctor/port_sources.h"

#include <algorithm>
#include <array>
#include <vector>

#include "buildpack/doctor/port_files.h"
#include "common/text.h"

namespace mesh::buildpack::doctor {

using procfile::App;
using procfile::Command;
using procfile::file_name;
using procfile::in_directory;
using procfile::one_of;
using procfile::path_in_app;
namespace {

using Kind = PortValue::Kind;
constexpr auto kEnd = std::string_view::npos;
constexpr std::string_view kScript = "js mjs cjs ts mts tsx";
constexpr std::string_view kSources = "js mjs cjs ts mts tsx py rb go cs rs";
constexpr int kVariablePort = -1;  // the variable PORT

// A call that listens on a port.
struct ListenCall {
  std::string_view endings;  // of files
  std::string_view call;
  std::string_view library = {};  // that the file names
  int default_port = 0;           // without one in the call; 0: the first argument names it
};

constexpr std::array kListenCalls = {
    ListenCall{kScript, ".listen("},
    ListenCall{kScript, "Bun.serve(", "", kVariablePort},
    ListenCall{kScript, "Deno.serve(", "", 8000},
    ListenCall{"py", "app.run(", "Flask(", 5000},
    ListenCall{"py", "uvicorn.run(", "", 8000},
    ListenCall{"py", "serve(", "waitress", 8080},
    ListenCall{"py", "run_app(", "aiohttp", 8080},
    ListenCall{"py", "HTTPServer("},
    ListenCall{"py", "make_server("},
    ListenCall{"go", "ListenAndServe("},
    ListenCall{"go", ".Run(", "gin", kVariablePort},
    ListenCall{"go", ".Start(", "echo"},
    ListenCall{"go", ".Listen(", "fiber"},
    ListenCall{"rs", "bind("},
    ListenCall{"cs", "UseUrls("},
};

struct SourceFile {
  std::string path;
  std::string text;
};

std::string_view ending(std::string_view path) { return path.substr(path.rfind('.') + 1); }

std::optional<SourceFile> first_of(const std::vector<std::string>& paths, const std::string& directory, const App& app) {
  for (const std::string& path : paths) {
    const auto known = path_in_app(path, directory);
    if (!known || !one_of(ending(*known), kSources)) continue;
    if (auto text = app.read(*known)) return SourceFile{*known, *std::move(text)};
  }
  return std::nullopt;
}

// The files that a script or a module may be.
std::vector<std::string> files_of(const std::string& name) {
  std::string module = name;
  std::ranges::replace(module, '.', '/');
  return {name, name + ".js", name + ".ts", name + "/index.js", name + "/index.ts", module + ".py", module + "/__main__.py"};
}

// The files from which a command's program may be built, in the order of their likelihood.
std::vector<std::string> start_files(const Command& command, const Started& started) {
  const auto& words = command.words;
  if (started.file >= words.size()) return {};
  std::string name = words[started.file].value;
  const bool is_program = started.file == started.program;
  if (started.server != nullptr && started.server->program == "dotnet") return {"Program.cs"};
  if (is_program && one_of(file_name(name), "bun deno")) {
    const auto is_script = [](const auto& word) { return one_of(ending(word.value), kScript); };
    const auto script = std::find_if(words.begin() + static_cast<std::ptrdiff_t>(started.program), words.end(), is_script);
    return script == words.end() ? std::vector<std::string>() : std::vector{script->value};
  }
  if (is_program && !one_of(ending(name), kSources)) {
    if (started.server != nullptr) return {};
    const std::string program(file_name(name));
    if (name.find("target/") != std::string::npos) return {"src/bin/" + program + ".rs", "src/main.rs"};
    return {"cmd/" + program + "/main.go", "main.go"};
  }
  std::vector<std::string> files = files_of(name);
  while (name.starts_with("./")) name.erase(0, 2);
  const std::size_t slash = name.find('/');
  if (slash != std::string::npos && one_of(name.substr(0, slash), "dist build lib out")) {
    const std::string source = name.substr(slash + 1, name.ends_with(".js") ? name.size() - slash - 4 : std::string::npos);
    files.insert(files.end(),
                 {"src/" + source + ".ts", "src/" + source + ".js", "src/" + source + "/index.ts", source + ".ts"});
  }
  return files;
}

// The app's files that a source imports: './config', "from config import PORT".
std::vector<SourceFile> imported(const SourceFile& source, const std::string& directory, const App& app) {
  constexpr std::size_t kMaxFiles = 10;
  constexpr std::size_t kMaxNames = 20;  // also of files that are missing
  std::vector<SourceFile> files;
  std::vector<std::string> names;
  const std::string own(
      source.path.substr(0, source.path.find_last_of('/') == std::string::npos ? 0 : source.path.rfind('/')));
  for (const std::string_view raw : text::split(source.text, '\n')) {
    const std::string_view line = text::trim(raw);
    std::string name;
    if (const std::size_t quote = line.find("./"); ending(source.path) != "py" && quote != kEnd && quote > 0) {
      const std::size_t end = line.find(line[quote - 1], quote);
      if (one_of(line.substr(quote - 1, 1), "' \"") && end != kEnd) name = line.substr(quote + 2, end - quote - 2);
    } else if (ending(source.path) == "py" && (line.starts_with("from ") || line.starts_with("import "))) {
      name = line.substr(line.find(' ') + 1);
      name = name.substr(0, name.find_first_of(" ,;"));
      while (name.starts_with('.')) name.erase(0, 1);
    }
    if (name.empty() || std::ranges::find(names, name) != names.end()) continue;
    if (files.size() >= kMaxFiles || names.size() >= kMaxNames) break;
    names.push_back(name);
    auto file = first_of(files_of(name), own, app);
    if (!file) file = first_of(files_of(name), directory, app);
    if (file) files.push_back(*std::move(file));
  }
  return files;
}

// Returns the text up to the bracket that closes the one before it; empty without such a bracket.
std::string_view arguments(std::string_view text) {
  constexpr std::size_t kMaxLength = 400;
  int depth = 1;
  for (std::size_t i = 0; i < std::min(text.size(), kMaxLength); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return text.substr(0, i);
  }
  return "";
}

PortValue port_of_call(const ListenCall& call, std::string_view written, std::string_view source) {
  for (std::size_t at = written.find("port"); at != kEnd; at = written.find("port", at + 1)) {
    if (at > 0 && (text::is_alphanumeric(written[at - 1]) || written[at - 1] == '_')) continue;
    const std::string_view rest = text::trim(written.substr(at + 4));
    const bool is_key = rest.starts_with(':') || (rest.starts_with('=') && !rest.starts_with("=="));
    if (is_key) return port_of_expression(rest.substr(1, rest.find_first_of(",}") - 1), source);
  }
  if (call.default_port == 0) {
    const std::size_t end = written.starts_with('(') ? written.find(')') : written.find(',');
    return port_of_expression(written.substr(0, end), source);
  }
  const bool may_name_port = written.find("port") != kEnd || written.find("**") != kEnd || written.find("...") != kEnd ||
                             std::ranges::count_if(written, text::is_digit) > 3;
  if (may_name_port) return {};
  return call.default_port == kVariablePort ? PortValue{Kind::public_port} : PortValue{Kind::number, call.default_port};
}

std::string place_in(const SourceFile& file, std::size_t at) {
  return file.path + ":" +
         std::to_string(std::count(file.text.begin(), file.text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1);
}

// The port of the calls in a file; unknown if they differ.
std::optional<SourcePort> port_of_calls(const SourceFile& file) {
  constexpr int kMaxCalls = 20;
  int calls = 0;
  std::optional<SourcePort> result;
  for (const ListenCall& call : kListenCalls) {
    const std::string_view text = file.text;
    if (!one_of(ending(file.path), call.endings) || text.find(call.library) == kEnd) continue;
    for (std::size_t at = text.find(call.call); at != kEnd; at = text.find(call.call, at + 1)) {
      const std::string_view line = text::trim(text.substr(text.rfind('\n', at) + 1));
      if (++calls > kMaxCalls) return std::nullopt;
      if (line.starts_with("//") || line.starts_with('#')) continue;
      const PortValue port = port_of_call(call, arguments(text.substr(at + call.call.size())), text);
      if (port.kind == Kind::unknown || (result && port != result->port)) return std::nullopt;
      if (!result) result = SourcePort{place_in(file, at), port};
    }
  }
  return result;
}

}  // namespace

std::optional<SourcePort> port_by_source(const Command& command, const Started& started, const App& app) {
  const auto start = first_of(start_files(command, started), command.directory, app);
  if (!start) return std::nullopt;
  std::vector<SourceFile> files = imported(*start, command.directory, app);
  files.insert(files.begin(), *start);
  std::optional<SourcePort> result;
  for (const SourceFile& file : files) {
    if (file.text.find("APP_PORT") != kEnd) return SourcePort{file.path};
    const auto lines = text::split(file.text, '\n');
    const auto line = std::ranges::find_if(lines, reads_port);
    if (result || line == lines.end()) continue;
    result = SourcePort{file.path + ":" + std::to_string(line - lines.begin() + 1), {Kind::public_port}};
  }
  return result ? result : port_of_calls(*start);
}

}  // namespace mesh::buildpack::doctor
