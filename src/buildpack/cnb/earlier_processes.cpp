#include "buildpack/cnb/earlier_processes.h"

#include <fmt/format.h>

#include <algorithm>

#include "buildpack/cnb/toml.h"
#include "common/text.h"

namespace mesh::buildpack::cnb {
namespace {

constexpr std::size_t kMaxBuildpacks = 200;
constexpr std::size_t kMaxWarnings = 20;

// Returns the directory name of a buildpack's layers (lifecycle, launch.EscapeID).
std::string directory_name(std::string_view id) {
  std::string name(id);
  std::ranges::replace(name, '/', '_');
  return name;
}

bool is_directory_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.size() <= 255 && name.find('\0') == std::string_view::npos;
}

struct Group {
  std::vector<std::string> before;
  std::vector<std::string> after;
};

// Returns the ids in group.toml before and after our own; nullopt if group.toml is unusable.
std::optional<Group> read_group(const Path& root, std::string_view own, Files& files) {
  const Path path = root / "group.toml";
  if (files.kind(path) != FileKind::file) return std::nullopt;
  const auto content = files.read(path, kMaxTomlBytes);
  const auto table = content ? parse_toml(*content) : std::nullopt;
  const TomlArray* entries = table ? table->array("group") : nullptr;
  if (entries == nullptr) return std::nullopt;
  Group group;
  bool seen = false;
  for (const TomlValue& entry : *entries) {
    const auto id = entry.table() != nullptr ? entry.table()->text("id") : std::nullopt;
    if (!id || !is_directory_name(directory_name(*id))) continue;
    if (directory_name(*id) == own) {
      seen = true;
    } else {
      (seen ? group.after : group.before).push_back(*id);
    }
  }
  return seen ? std::optional(group) : std::nullopt;
}

std::vector<std::string> other_directories(const Path& root, std::string_view own, Files& files) {
  const auto names = files.list(root);
  if (!names) return {};
  std::vector<std::string> others;
  for (const std::string& name : *names) {
    if (name != own && files.kind(root / name) == FileKind::directory) others.push_back(name);
  }
  return others;
}

// Returns a process of a launch.toml, or the reason why it is invalid.
struct Parsed {
  std::optional<Process> process = {};
  std::string problem = {};
};

std::optional<std::vector<std::string>> texts_at(const TomlTable& table, std::string_view key) {
  if (table.find(key) == nullptr) return std::vector<std::string>();
  const TomlArray* array = table.array(key);
  return array == nullptr ? std::nullopt : texts(*array);
}

// Before Buildpack API 0.9, a command was one text, which a shell ran unless "direct" was set.
Process with_old_command(Process process, const TomlTable& table, const std::string& command) {
  if (table.boolean("direct").value_or(false)) {
    process.command = {command};
  } else if (process.args.empty()) {
    process.command = {"bash", "-c"};
    process.args = {command};
  } else {
    process.command = {command};
    process.is_shell_with_arguments = true;
  }
  return process;
}

Parsed parse_process(const TomlTable& table) {
  const auto type = table.text("type");
  if (!type || type->empty()) return {.problem = "has no type"};
  const auto args = texts_at(table, "args");
  const auto exec_env = texts_at(table, "exec-env");
  if (!args || !exec_env) return {.problem = "has arguments that are no list of texts"};
  Process process{.type = *type,
                  .command = {},
                  .args = *args,
                  .working_directory = table.text("working-dir").value_or(""),
                  .exec_env = *exec_env,
                  .is_default = table.boolean("default").value_or(false)};
  if (const auto command = table.text("command"); command && !command->empty()) {
    return {.process = with_old_command(std::move(process), table, *command)};
  }
  const auto command = texts_at(table, "command");
  if (!command || command->empty()) return {.problem = "has no command"};
  process.command = *command;
  return {.process = std::move(process)};
}

class Reader {
 public:
  explicit Reader(Files& files) : files_(files) {}

  void read(const Path& root, const std::string& directory) {
    // Neither may be a link, because its target is not part of this build.
    if (files_.kind(root / directory) != FileKind::directory) return;
    const Path path = root / directory / "launch.toml";
    const FileKind kind = files_.kind(path);
    if (kind == FileKind::missing) return;
    const std::string name = text::printable_line(directory + "/launch.toml", 120);
    if (kind != FileKind::file) return warn(fmt::format("{} is no regular file and was not read.", name));
    const auto content = files_.read(path, kMaxTomlBytes);
    if (!content) return warn(fmt::format("{} could not be read: {}.", name, content.failure().detail));
    const auto table = parse_toml(*content);
    if (!table) return warn(fmt::format("{} is not TOML and was passed over.", name));
    add(*table, name);
  }

  EarlierProcesses take() { return std::move(result_); }

 private:
  void add(const TomlTable& launch, const std::string& name) {
    const TomlArray* processes = launch.array("processes");
    if (processes == nullptr) return;
    for (const TomlValue& value : *processes) {
      Parsed parsed = value.table() != nullptr ? parse_process(*value.table()) : Parsed{.problem = "is no table"};
      if (parsed.process) {
        result_.processes.add(*std::move(parsed.process));
      } else {
        warn(fmt::format("A process in {} {} and was passed over.", name, parsed.problem));
      }
    }
  }

  void warn(std::string text) {
    if (result_.warnings.size() < kMaxWarnings) result_.warnings.push_back(std::move(text));
  }

  Files& files_;
  EarlierProcesses result_ = {};
};

}  // namespace

EarlierProcesses earlier_processes(const Path& given, Files& files) {
  const Path layers = given.has_filename() ? given : given.parent_path();  // without a slash at its end
  const Path root = layers.parent_path();
  const std::string own = layers.filename().native();
  const auto group = read_group(root, own, files);
  std::vector<std::string> directories;
  if (group) {
    for (const std::string& id : group->before) directories.push_back(directory_name(id));
  } else {
    directories = other_directories(root, own, files);
  }
  if (directories.size() > kMaxBuildpacks) directories.resize(kMaxBuildpacks);
  Reader reader(files);
  for (const std::string& directory : directories) reader.read(root, directory);
  EarlierProcesses result = reader.take();
  const auto has_procfile = [](const std::vector<std::string>& ids) {
    return std::ranges::find(ids, kProcfileBuildpack) != ids.end();
  };
  if (group) result.later = group->after;
  result.is_followed_by_procfile = group && has_procfile(group->after);
  result.may_read_procfile = !group || !group->after.empty() || has_procfile(group->before) || !result.warnings.empty();
  return result;
}

}  // namespace mesh::buildpack::cnb
