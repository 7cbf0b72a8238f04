#include "buildpack/doctor/scripts.h"

#include <algorithm>

#include "buildpack/doctor/mesh_call.h"
#include "buildpack/procfile/package_scripts.h"
#include "common/json.h"
#include "common/text.h"

namespace mesh::buildpack::doctor {

using procfile::App;
using procfile::Command;
using procfile::exported;
using procfile::in_directory;
using procfile::one_of;
using procfile::package_script;
using procfile::parse_shell;
using procfile::path_in_app;
using procfile::plain_word;
using procfile::remember;
using procfile::Scope;
using procfile::ShellText;
using procfile::Token;
namespace {

constexpr int kMaxDepth = 8;
constexpr std::size_t kMaxLeaves = 100;
constexpr std::size_t kMaxVisits = 1'000;           // scripts may start each other
constexpr std::string_view kMesh = "service-mesh";  // in a file that names one

// Any text that a program reads is printable from its first byte on.
bool is_plain_text(std::string_view content) {
  const char start = content.empty() ? '\0' : content.front();
  return start == '\n' || start == '\t' || (start >= ' ' && start <= '~');
}

bool is_shell_script(std::string_view path, std::string_view content) {
  const std::string_view first = text::trim(text::first_line(content));
  if (!first.starts_with("#!")) return is_plain_text(content) && (path.ends_with(".sh") || path.ends_with(".bash"));
  return std::ranges::any_of(text::split(first.substr(2), ' '), is_shell);
}

// A file that an interpreter runs, also as a module.
std::optional<std::string> read_program(const std::string& path, const App& app) {
  std::string module = path;
  std::ranges::replace(module, '.', '/');
  for (const std::string& file : {path, path + ".js", path + "/index.js", module + ".py", module + "/__main__.py"}) {
    if (auto content = app.read(file)) return content;
  }
  return std::nullopt;
}

// A text that a command runs, if it runs one.
struct Lead {
  std::optional<Source> source = {};
  bool unknown = false;  // it runs something that cannot be followed
};

// Whether a program may start a mesh without a file of the app that says so.
bool is_unknown(const Command& command, const Started& started, const App& app) {
  const auto& words = command.words;
  const Token& program = words[started.program];
  const std::string argument = started.program + 1 < words.size() ? words[started.program + 1].value : "";
  if (one_of(program.value, ". source")) {
    const auto path = path_in_app(argument, command.directory);
    return path && app.read(*path).value_or("").find(kMesh) != std::string::npos;
  }
  // Another program may start the mesh that it is given: "./entrypoint.sh mesh npm start".
  const bool is_given_mesh = std::any_of(words.begin() + static_cast<std::ptrdiff_t>(started.program) + 1, words.end(),
                                         [](const Token& word) { return parse_mesh_name(word.value).has_value(); });
  return (is_given_mesh && !only_names_mesh(command)) || program.substitutes || program.value == "eval" ||
         (program.value.starts_with('$') && !path_in_app(program.value, "")) ||
         (program.value == "deno" && argument == "task") || starts_unknown_programs(program.value);
}

// A file of the app that a command runs.
Lead file_lead(const Command& command, const Started& started, const App& app) {
  const auto& words = command.words;
  const bool by_shell = is_shell(words[started.program].value);
  std::size_t file = started.file;
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
  return {.unknown = is_plain_text(*content) && content->find(kMesh) != std::string::npos};
}

Lead lead_of(const Command& command, const Started& started, const Source& from, const App& app) {
  const auto& words = command.words;
  if (started.script) {
    Source source = from;
    source.text = *started.script;
    source.line = from.line.value_or(command.line);
    source.nested = true;
    source.directory = command.directory;
    return {.source = std::move(source)};
  }
  for (std::size_t i = 0; i < std::min(started.program + 1, words.size()); ++i) {
    const auto script = package_script(words, i, command.directory, app);
    if (!script) continue;
    if (!script->text) return {.unknown = true};
    return {.source = Source{.file = in_directory(*script->directory, "package.json"),
                             .text = *script->text,
                             .lead = write_json(script->name) + ": ",
                             .in_json = true,
                             .directory = *script->directory}};
  }
  if (started.program >= words.size()) return {};
  if (is_unknown(command, started, app)) return {.unknown = true};
  return one_of(words[started.program].value, ". source") ? Lead{} : file_lead(command, started, app);
}

class Walker {
 public:
  explicit Walker(const App& app) : app_(app) {}

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxDepth and kMaxVisits
  void walk_text(const Source& source, Scope scope, bool conditional, int depth) {
    const auto shared = std::make_shared<const Source>(source);
    const ShellText text = parse_shell(source.text, source.directory);
    if (result.construct.empty()) result.construct = depth > 0 ? "a script" : text.construct;
    for (const Command& command : text.commands) {
      visit(command, shared, scope, conditional || command.conditional, depth);
      remember(command, scope);
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxDepth and kMaxVisits
  void visit(const Command& command, const std::shared_ptr<const Source>& source, const Scope& scope, bool conditional,
             int depth) {
    if (result.leaves.size() >= kMaxLeaves || ++visits_ > kMaxVisits) {
      result.unknown = true;
      return;
    }
    Leaf leaf{command, started_program(command.words), scope, source, conditional};
    leaf.started.server = server_in_app(command, leaf.started, app_);
    const Lead lead = starts_mesh(command, scope) ? Lead{} : lead_of(command, leaf.started, *source, app_);
    result.unknown = result.unknown || lead.unknown || (lead.source && depth >= kMaxDepth);
    if (!lead.source) return result.leaves.push_back(std::move(leaf));
    if (depth >= kMaxDepth) return;
    walk_text(*lead.source, exported(scope, leaf.assignments()), conditional || command.after == "&", depth + 1);
  }

  Walk result;

 private:
  const App& app_;
  std::size_t visits_ = 0;
};

}  // namespace

std::string Leaf::place() const {
  if (source->in_json) return source->file;
  return source->file + ":" + std::to_string(source->line.value_or(command.line));
}

std::vector<Token> Leaf::assignments() const {
  std::vector<Token> all = command.assignments;
  all.insert(all.end(), started.assignments.begin(), started.assignments.end());
  return all;
}

Walk walk(const Source& source, const Scope& scope, const App& app) {
  Walker walker(app);
  walker.walk_text(source, scope, false, 0);
  return std::move(walker.result);
}

Walk walk_command(const Command& command, const std::shared_ptr<const Source>& source, const Scope& scope, const App& app) {
  Walker walker(app);
  walker.visit(command, source, scope, command.conditional, 0);
  return std::move(walker.result);
}

bool process_starts_mesh(const std::vector<std::string>& words, const App& app) {
  Command command;
  for (const std::string& word : words) command.words.push_back(plain_word(word));
  const Walk walked = walk_command(command, std::make_shared<const Source>(), {}, app);
  return std::ranges::any_of(walked.leaves, [](const Leaf& leaf) { return starts_mesh(leaf.command, leaf.scope); });
}

}  // namespace mesh::buildpack::doctor
