#include "procfile/scripts.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "procfile/mesh_call.h"

namespace mesh::procfile {
namespace {

constexpr int kMaxDepth = 8;
constexpr std::size_t kMaxLeaves = 100;
constexpr std::size_t kMaxPackages = 200;
constexpr std::string_view kPackageManagers = "npm yarn pnpm bun";
constexpr std::string_view kDirectoryFlags = "--prefix -C --dir --cwd";
constexpr std::string_view kWorkspaceFlags = "-w --workspace --filter -F";

std::string in_directory(const std::string& directory, std::string_view name) {
  return directory.empty() ? std::string(name) : directory + "/" + std::string(name);
}

// Any text that a program reads is printable from its first byte on.
bool is_plain_text(std::string_view content) {
  const char start = content.empty() ? '\0' : content.front();
  return start == '\n' || start == '\t' || (start >= ' ' && start <= '~');
}

bool is_shell_script(std::string_view path, std::string_view content) {
  const std::string_view first = text::first_line(content);
  if (!first.starts_with("#!")) return is_plain_text(content) && (path.ends_with(".sh") || path.ends_with(".bash"));
  const std::string_view interpreter = file_name(first.substr(0, first.find(' ', 3)));
  const std::string_view argument = text::trim(first.substr(std::min(first.rfind(' ') + 1, first.size())));
  return is_shell(interpreter) || is_shell(text::trim(first.substr(2))) || is_shell(argument) ||
         is_shell(text::trim(interpreter));
}

// What a command leads to.
struct Lead {
  std::optional<Source> source = {};
  bool unknown = false;
};

// The packages of a workspace that package.json or pnpm-workspace.yaml lists: the one of this name or path.
std::optional<std::string> workspace_directory(const std::string& root, const std::string& name, const App& app) {
  auto named = path_in_app(name, root);
  if (named && app.read(*named + "/package.json")) return named;
  std::vector<std::string> patterns;
  if (const auto package = parse_json(app.read(in_directory(root, "package.json")).value_or(""))) {
    if (package->is_object() && package->contains("workspaces")) {
      const Json& list = (*package)["workspaces"].is_object() ? (*package)["workspaces"].value("packages", Json::array())
                                                              : (*package)["workspaces"];
      for (const Json& pattern : list) {
        if (pattern.is_string()) patterns.push_back(pattern.get<std::string>());
      }
    }
  }
  const std::string yaml = app.read(in_directory(root, "pnpm-workspace.yaml")).value_or("");
  for (const std::string_view line : text::split(yaml, '\n')) {
    const std::string_view item = text::trim(line);
    if (item.starts_with("- ")) patterns.emplace_back(item.substr(2, item.find_last_not_of("'\" ") - 1));
  }
  for (std::string& pattern : patterns) {
    std::erase_if(pattern, [](char c) { return c == '\'' || c == '"'; });
    const auto parent = path_in_app(pattern.substr(0, pattern.find('*')), root);
    if (!parent) continue;
    std::vector<std::string> directories = {*parent};
    if (pattern.find('*') != std::string::npos) {
      directories.clear();
      for (const std::string& child : app.list(*parent)) directories.push_back(in_directory(*parent, child));
    }
    directories.resize(std::min(directories.size(), kMaxPackages));
    for (const std::string& directory : directories) {
      const auto package = parse_json(app.read(directory + "/package.json").value_or(""));
      if (package && member<std::string>(*package, "name") == name) return directory;
    }
  }
  return std::nullopt;
}

// The script that a package manager is told to run: "start" of "npm start", "web" of "yarn workspace api run web -- -p 1".
struct PackageScript {
  std::string name = {};
  std::optional<std::string> directory = {};  // of its package.json; nullopt if it cannot be known
  std::string arguments = {};
};

PackageScript package_script(const std::vector<Token>& words, std::size_t program, const std::string& directory,
                             const App& app) {
  PackageScript script{.directory = directory};
  const std::string_view manager = file_name(words[program].value);
  for (std::size_t i = program + 1; i < words.size(); ++i) {
    const std::string& word = words[i].value;
    const std::string flag = word.substr(0, word.find('='));
    const bool joined = flag.size() < word.size();
    const bool has_value = joined || i + 1 < words.size();
    const std::string value = joined ? word.substr(flag.size() + 1) : (has_value ? words[i + 1].value : "");
    if (word == "--") {
      for (std::size_t k = i + 1; k < words.size(); ++k) script.arguments += " " + words[k].raw;
      break;
    }
    if (one_of(flag, kDirectoryFlags) && has_value) {
      script.directory = path_in_app(value, directory);
      if (!joined) ++i;
    } else if ((one_of(flag, kWorkspaceFlags) || (manager == "yarn" && word == "workspace")) && has_value) {
      script.directory = workspace_directory(directory, value, app);
      if (!joined) ++i;
    } else if (one_of(word, "--workspaces -ws -r --recursive workspaces foreach")) {
      script.directory.reset();
    } else if (!script.name.empty() && manager != "npm") {
      script.arguments += " " + words[i].raw;
    } else if (script.name.empty() && !word.starts_with('-') && !one_of(word, "run run-script")) {
      script.name = word;
    }
  }
  return script;
}

Lead package_lead(const std::vector<Token>& words, std::size_t program, const std::string& directory, const App& app) {
  const PackageScript script = package_script(words, program, directory, app);
  if (script.name.empty() || one_of(script.name, "exec x dlx")) return {};
  if (!script.directory) return {.unknown = true};
  const std::string path = in_directory(*script.directory, "package.json");
  const auto file = app.read(path);
  if (!file) return {};
  const auto package = parse_json(*file);
  if (!package) return {.unknown = true};
  if (!package->is_object() || !package->contains("scripts")) return {};
  const auto text = member<std::string>((*package)["scripts"], script.name);
  if (!text) return {};
  return {.source = Source{.file = path,
                           .text = *text + script.arguments,
                           .line = std::nullopt,
                           .lead = write_json(script.name) + ": ",
                           .form = Form::json_string,
                           .directory = *script.directory}};
}

// A file that an interpreter runs, also as a module.
std::optional<std::string> read_program(const std::string& path, const App& app) {
  if (auto content = app.read(path)) return content;
  std::string module = path;
  std::ranges::replace(module, '.', '/');
  for (const std::string& other : {path + ".js", path + "/index.js", module + ".py", module + "/__main__.py"}) {
    if (auto content = app.read(other)) return content;
  }
  return std::nullopt;
}

// What the program of a command leads to: a text, or something that cannot be followed.
Lead lead_of(const Command& command, const Started& started, const Source& from, const App& app) {
  const std::vector<Token>& words = command.words;
  if (started.script) {
    Source source = from;
    source.text = *started.script;
    source.line = from.line.value_or(command.line);
    source.nested = true;
    source.directory = command.directory;
    return {.source = std::move(source)};
  }
  for (std::size_t i = 0; i < std::min(started.program + 1, words.size()); ++i) {
    if (one_of(file_name(words[i].value), kPackageManagers)) {
      Lead lead = package_lead(words, i, command.directory, app);
      if (lead.source || lead.unknown) return lead;
    }
  }
  if (started.program >= words.size()) return {};
  const Token& program = words[started.program];
  if (one_of(program.value, ". source") && words.size() > started.program + 1) {
    const auto read = path_in_app(words[started.program + 1].value, command.directory);
    const auto content = read ? app.read(*read) : std::nullopt;
    return {.unknown = content && content->find("service-mesh") != std::string::npos};
  }
  // Another program may start the mesh that it is given: "./entrypoint.sh mesh npm start".
  const bool is_given_mesh = std::any_of(words.begin() + static_cast<std::ptrdiff_t>(started.program) + 1, words.end(),
                                         [](const Token& word) { return parse_mesh_name(word.value).has_value(); });
  if (is_given_mesh && !speaks_of_mesh(command)) return {.unknown = true};
  if (program.value.starts_with('$') && !path_in_app(program.value, "")) return {.unknown = true};
  if (program.value == "deno" && words.size() > started.program + 1 && words[started.program + 1].value == "task") {
    return {.unknown = true};
  }
  if (program.substitutes || starts_unknown_programs(program.value) || one_of(program.value, "eval"))
    return {.unknown = true};
  std::size_t file = started.file;
  const bool by_shell = is_shell(program.value);
  while (by_shell && ++file < words.size() && words[file].value.starts_with('-')) {
  }
  if (file >= words.size()) return {};
  const bool is_path = by_shell || file != started.program || words[file].value.find('/') != std::string::npos;
  const auto path = is_path ? path_in_app(words[file].value, command.directory) : std::nullopt;
  const bool is_server = started.server != nullptr && started.server->untold != Untold::unknown;
  const auto content = path && !is_server ? read_program(*path, app) : std::nullopt;
  if (!content) return {.unknown = (by_shell && !path) || (path && path->ends_with(".sh"))};
  if (by_shell ? is_plain_text(*content) : is_shell_script(*path, *content)) {
    return {.source = Source{.file = *path, .text = *content, .directory = command.directory}};
  }
  // A program in another language that names the mesh may start it.
  const bool names_mesh = is_plain_text(*content) && content->find("service-mesh") != std::string::npos;
  return {.unknown = names_mesh};
}

class Walker {
 public:
  explicit Walker(const App& app) : app_(app) {}

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxDepth
  void walk_text(const Source& source, Scope scope, bool conditional, int depth) {
    const auto shared = std::make_shared<const Source>(source);
    const ShellText text = parse_shell(source.text, source.directory);
    if (result.construct.empty()) result.construct = depth > 0 ? "a script" : text.construct;
    const bool simple = text.is_simple() && !source.nested;
    for (const Command& command : text.commands) {
      visit(command, shared, scope, simple, conditional || command.conditional, depth);
      remember(command, scope);
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxDepth
  void visit(const Command& command, const std::shared_ptr<const Source>& source, const Scope& scope, bool simple,
             bool conditional, int depth) {
    if (result.leaves.size() >= kMaxLeaves) return;
    Leaf leaf{command, started_program(command.words, 0), scope, source, simple, conditional};
    if (starts_mesh(command, scope)) {
      result.leaves.push_back(std::move(leaf));
      return;
    }
    const Lead lead = lead_of(command, leaf.started, *source, app_);
    result.unknown = result.unknown || lead.unknown || (lead.source && depth >= kMaxDepth);
    if (!lead.source) return result.leaves.push_back(std::move(leaf));
    if (depth >= kMaxDepth) return;
    std::vector<Token> assignments = command.assignments;
    assignments.insert(assignments.end(), leaf.started.assignments.begin(), leaf.started.assignments.end());
    const bool passes = conditional || command.condition || command.after == "&";
    walk_text(*lead.source, exported(scope, assignments), passes, depth + 1);
  }

  Walk result;

 private:
  const App& app_;
};

}  // namespace

std::string Leaf::place() const {
  if (source->form == Form::json_string) return source->file;
  return source->file + ":" + std::to_string(source->line.value_or(command.line));
}

Walk walk(const Source& source, const Scope& scope, const App& app) {
  Walker walker(app);
  walker.walk_text(source, scope, false, 0);
  return std::move(walker.result);
}

Walk walk_command(const Command& command, const Source& source, const Scope& scope, const App& app) {
  Walker walker(app);
  walker.visit(command, std::make_shared<const Source>(source), scope, true, false, 0);
  return std::move(walker.result);
}

bool process_starts_mesh(const std::vector<std::string>& words, const App& app) {
  Command command;
  for (const std::string& word : words) command.words.push_back({.raw = word, .value = word});
  const Walk walked = walk_command(command, {}, {}, app);
  return std::ranges::any_of(walked.leaves, [](const Leaf& leaf) { return starts_mesh(leaf.command, leaf.scope); });
}

}  // namespace mesh::procfile
