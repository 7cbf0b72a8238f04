#include "procfile/package_scripts.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "procfile/shell_commands.h"

namespace mesh::procfile {
namespace {

constexpr std::size_t kMaxPackages = 200;
constexpr std::string_view kManagers = "npm yarn pnpm bun";
constexpr std::string_view kDirectoryFlags = "--prefix -C --dir --cwd";
constexpr std::string_view kWorkspaceFlags = "-w --workspace --filter -F";
constexpr std::string_view kAllWorkspaces = "--workspaces -ws -r --recursive workspaces foreach";

std::optional<Json> read_package(const std::string& directory, const App& app) {
  return parse_json(app.read(in_directory(directory, "package.json")).value_or(""));
}

// The patterns of a workspace's packages: of package.json, and of pnpm-workspace.yaml.
std::vector<std::string> workspace_patterns(const std::string& root, const App& app) {
  std::vector<std::string> patterns;
  if (const auto package = read_package(root, app); package && package->is_object()) {
    Json list = package->value("workspaces", Json());
    if (list.is_object()) list = list.value("packages", Json());
    for (const Json& pattern : list) {
      if (pattern.is_string()) patterns.push_back(pattern);
    }
  }
  const std::string yaml = app.read(in_directory(root, "pnpm-workspace.yaml")).value_or("");
  for (const std::string_view line : text::split(yaml, '\n')) {
    const std::string_view item = text::trim(line);
    if (item.starts_with("- ")) patterns.emplace_back(item.substr(2));
    if (item.starts_with("- ")) std::erase_if(patterns.back(), [](char c) { return c == '\'' || c == '"' || c == ' '; });
  }
  return patterns;
}

// The directory of the package of this name or path in a workspace.
std::optional<std::string> workspace_directory(const std::string& root, const std::string& name, const App& app) {
  if (auto named = path_in_app(name, root); named && app.read(in_directory(*named, "package.json"))) return named;
  for (const std::string& pattern : workspace_patterns(root, app)) {
    const std::size_t star = pattern.find('*');
    const auto parent = path_in_app(pattern.substr(0, star), root);
    if (!parent) continue;
    std::vector<std::string> children = star == std::string::npos ? std::vector<std::string>{""} : app.list(*parent);
    children.resize(std::min(children.size(), kMaxPackages));
    for (const std::string& child : children) {
      std::string directory = child.empty() ? *parent : in_directory(*parent, child);
      const auto package = read_package(directory, app);
      if (package && member<std::string>(*package, "name") == name) return directory;
    }
  }
  return std::nullopt;
}

// The arguments of a package manager.
struct Arguments {
  std::string script = {};
  std::optional<std::string> directory = {};  // of its package.json; nullopt if it cannot be known
  std::string rest = {};                      // for the script
};

Arguments read_arguments(const std::vector<Token>& words, std::size_t program, const std::string& directory,
                         const App& app) {
  Arguments result{.directory = directory};
  const std::string_view manager = file_name(words[program].value);
  for (std::size_t i = program + 1; i < words.size(); ++i) {
    const std::string& word = words[i].value;
    const std::string flag = word.substr(0, word.find('='));
    const bool joined = flag.size() < word.size();
    const bool names_workspace = one_of(flag, kWorkspaceFlags) || (manager == "yarn" && word == "workspace");
    if (word == "--") {
      while (++i < words.size()) result.rest += " " + words[i].raw;
    } else if ((one_of(flag, kDirectoryFlags) || names_workspace) && (joined || i + 1 < words.size())) {
      const std::string value = joined ? word.substr(flag.size() + 1) : words[++i].value;
      result.directory = names_workspace ? workspace_directory(directory, value, app) : path_in_app(value, directory);
    } else if (one_of(word, kAllWorkspaces)) {
      result.directory.reset();
    } else if (!result.script.empty() && manager != "npm") {
      result.rest += " " + words[i].raw;
    } else if (result.script.empty() && !word.starts_with('-') && !one_of(word, "run run-script")) {
      result.script = word;
    }
  }
  return result;
}

}  // namespace

bool is_package_manager(std::string_view program) { return one_of(file_name(program), kManagers); }

PackageCall package_call(const std::vector<Token>& words, std::size_t program, const std::string& directory,
                         const App& app) {
  const Arguments arguments = read_arguments(words, program, directory, app);
  if (arguments.script.empty() || one_of(arguments.script, "exec x dlx")) return {};
  if (!arguments.directory) return {.unknown = true};
  const std::string file = in_directory(*arguments.directory, "package.json");
  const auto content = app.read(file);
  const auto package = parse_json(content.value_or("{}"));
  if (!package) return {.unknown = true};
  if (!package->is_object() || !package->contains("scripts")) return {};
  const auto text = member<std::string>((*package)["scripts"], arguments.script);
  if (!text) return {};
  return {.script = PackageScript{arguments.script, file, *text + arguments.rest, *arguments.directory}};
}

}  // namespace mesh::procfile
