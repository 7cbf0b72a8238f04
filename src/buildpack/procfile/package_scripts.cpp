#include "buildpack/procfile/package_scripts.h"

#include <algorithm>

#include "buildpack/procfile/shell_commands.h"
#include "common/json.h"
#include "common/text.h"

namespace mesh::buildpack::procfile {
namespace {

constexpr std::size_t kMaxPatterns = 50;
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
  patterns.resize(std::min(patterns.size(), kMaxPatterns));
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

PackageScript read_arguments(const std::vector<Token>& words, std::size_t manager, const std::string& directory,
                             const App& app) {
  PackageScript script{.directory = directory};
  const std::string_view program = file_name(words[manager].value);
  for (std::size_t i = manager + 1; i < words.size(); ++i) {
    const std::string& word = words[i].value;
    const std::string flag = word.substr(0, word.find('='));
    const bool joined = flag.size() < word.size();
    const bool names_workspace = one_of(flag, kWorkspaceFlags) || (program == "yarn" && word == "workspace");
    if (word == "--") {
      while (++i < words.size()) script.arguments += " " + words[i].raw;
    } else if ((one_of(flag, kDirectoryFlags) || names_workspace) && (joined || i + 1 < words.size())) {
      const std::string value = joined ? word.substr(flag.size() + 1) : words[++i].value;
      script.directory = names_workspace ? workspace_directory(directory, value, app) : path_in_app(value, directory);
    } else if (one_of(word, kAllWorkspaces)) {
      script.directory.reset();
    } else if (!script.name.empty() && program != "npm") {
      script.arguments += " " + words[i].raw;
    } else if (script.name.empty() && !word.starts_with('-') && !one_of(word, "run run-script")) {
      script.name = word;
    }
  }
  return script;
}

}  // namespace

std::optional<PackageScript> package_script(const std::vector<Token>& words, std::size_t manager,
                                            const std::string& directory, const App& app) {
  if (!one_of(file_name(words[manager].value), kManagers)) return std::nullopt;
  PackageScript script = read_arguments(words, manager, directory, app);
  if (script.name.empty() || one_of(script.name, "exec x dlx")) return std::nullopt;
  if (!script.directory) return script;
  const auto package = parse_json(app.read(in_directory(*script.directory, "package.json")).value_or("{}"));
  if (!package) return script;
  const auto scripts = package->is_object() ? package->value("scripts", Json()) : Json();
  script.text = member<std::string>(scripts, script.name);
  if (!script.text) return std::nullopt;
  *script.text += script.arguments;
  return script;
}

}  // namespace mesh::buildpack::procfile
