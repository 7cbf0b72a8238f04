#include "procfile/scripts.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"

namespace mesh::procfile {
namespace {

constexpr std::size_t kMaxFiles = 8;
constexpr std::array<std::string_view, 4> kPackageManagers = {"npm", "yarn", "pnpm", "bun"};

// The path of a word inside the app, where it can be one: "./start.sh", "bin/web", "/app/start.sh", "$HOME/start.sh",
// "/workspace/start.sh" of a Cloud Native image.
std::optional<std::string> app_path(std::string_view word) {
  bool is_path = word.find_first_of("/.") != std::string_view::npos;
  for (const std::string_view prefix : {"./", "/app/", "/workspace/", "$HOME/", "${HOME}/"}) {
    if (word.starts_with(prefix)) word.remove_prefix(prefix.size());
  }
  is_path = is_path && !word.empty() && word.find_first_of("$*?:=") == std::string_view::npos;
  if (!is_path || word.starts_with('/') || word.starts_with('-') || word.find("..") != std::string_view::npos)
    return std::nullopt;
  return std::string(word);
}

bool is_shell_script(std::string_view path, std::string_view content) {
  const std::string_view first = text::first_line(content);
  if (first.starts_with("#!")) {
    return std::ranges::any_of(std::array{"/sh", "bash", "dash", " sh", "/ksh", "/zsh"},
                               [&](std::string_view shell) { return first.find(shell) != std::string_view::npos; });
  }
  const char start = content.empty() ? '\0' : content.front();
  return (start == '\n' || (start >= ' ' && start <= '~')) && (path.ends_with(".sh") || path.ends_with(".bash"));
}

// The name of the package script that a command starts: "start" of "npm start", "web" of "yarn run web".
std::optional<std::string> package_script(const std::vector<Token>& words, std::size_t from) {
  if (from + 1 >= words.size()) return std::nullopt;
  if (std::ranges::find(kPackageManagers, file_name(words[from].value)) == kPackageManagers.end()) return std::nullopt;
  std::size_t name = from + 1;
  if ((words[name].value == "run" || words[name].value == "run-script") && name + 1 < words.size()) ++name;
  return words[name].value;
}

std::optional<Source> package_text(const std::vector<Token>& words, std::size_t from, const App& app) {
  const auto name = package_script(words, from);
  if (!name) return std::nullopt;
  const auto file = app.read("package.json");
  const auto package = file ? parse_json(*file) : std::nullopt;
  if (!package || !package->is_object() || !package->contains("scripts")) return std::nullopt;
  auto command = member<std::string>((*package)["scripts"], *name);
  if (!command) return std::nullopt;
  return Source{
      .file = "package.json", .text = *std::move(command), .lead = write_json(*name) + ": ", .form = Form::json_string};
}

}  // namespace

std::vector<std::string> named_files(const std::vector<Token>& words, std::size_t from, const App& app) {
  std::vector<std::string> files;
  for (std::size_t i = from; i < words.size() && files.size() < kMaxFiles; ++i) {
    const auto path = app_path(words[i].value);
    if (path && (path->ends_with(".jar") || app.read(*path))) files.push_back(*path);
  }
  return files;
}

std::vector<Source> started_texts(const std::vector<Token>& words, std::size_t from, const App& app) {
  std::vector<Source> texts;
  for (const std::string& path : named_files(words, from, app)) {
    auto content = app.read(path);
    if (content && is_shell_script(path, *content)) texts.push_back({.file = path, .text = *std::move(content)});
  }
  if (auto text = package_text(words, from, app)) texts.push_back(*std::move(text));
  return texts;
}

}  // namespace mesh::procfile
