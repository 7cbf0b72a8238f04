#include "procfile/scripts.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"

namespace mesh::procfile {
namespace {

constexpr std::size_t kMaxFiles = 8;
constexpr std::array<std::string_view, 4> kPackageManagers = {"npm", "yarn", "pnpm", "bun"};

// The path of a word inside the app, where it looks like one: "./start.sh", "bin/web".
std::optional<std::string> file_path(const Token& word, const std::string& directory) {
  if (word.value.find_first_of("/.") == std::string::npos) return std::nullopt;
  return path_in_app(word.value, directory);
}

bool is_plain_text(std::string_view content) {
  const char start = content.empty() ? '\0' : content.front();
  return start == '\n' || (start >= ' ' && start <= '~');
}

bool is_shell_script(std::string_view path, std::string_view content) {
  const std::string_view first = text::first_line(content);
  if (first.starts_with("#!")) {
    return std::ranges::any_of(std::array{"/sh", "bash", "dash", " sh", "/ksh", "/zsh"},
                               [&](std::string_view shell) { return first.find(shell) != std::string_view::npos; });
  }
  return is_plain_text(content) && (path.ends_with(".sh") || path.ends_with(".bash"));
}

// A script that a package manager is told to run.
struct PackageScript {
  std::string name;       // "start" of "npm start", "web" of "yarn run web"
  std::string directory;  // of its package.json
};

// The options with which package managers are sent to another directory.
constexpr std::array<std::string_view, 4> kDirectoryOptions = {"--prefix", "-C", "--dir", "--cwd"};

// The value of such an option at this word, which may be in the next one.
std::optional<std::string> directory_option(const std::vector<Token>& words, std::size_t i) {
  const std::string& word = words[i].value;
  const auto is_option = [&](std::string_view option) { return word.substr(0, word.find('=')) == option; };
  if (std::ranges::none_of(kDirectoryOptions, is_option)) return std::nullopt;
  if (const std::size_t equals = word.find('='); equals != std::string::npos) return word.substr(equals + 1);
  return i + 1 < words.size() ? std::optional(words[i + 1].value) : std::nullopt;
}

std::optional<PackageScript> package_script(const Command& command, std::size_t program) {
  const std::vector<Token>& words = command.words;
  if (program >= words.size()) return std::nullopt;
  if (std::ranges::find(kPackageManagers, file_name(words[program].value)) == kPackageManagers.end()) return std::nullopt;
  PackageScript script{.name = "", .directory = command.directory};
  for (std::size_t i = program + 1; i < words.size() && words[i].value != "--"; ++i) {
    const std::string& word = words[i].value;
    if (const auto value = directory_option(words, i)) {
      script.directory = path_in_app(*value, command.directory).value_or("");
      if (word.find('=') == std::string::npos) ++i;
    } else if (script.name.empty() && !word.starts_with('-') && word != "run" && word != "run-script") {
      script.name = word;
    }
  }
  return script.name.empty() ? std::nullopt : std::optional(script);
}

std::optional<Source> package_text(const Command& command, std::size_t program, const App& app) {
  const auto script = package_script(command, program);
  if (!script) return std::nullopt;
  const std::string path = script->directory.empty() ? "package.json" : script->directory + "/package.json";
  const auto file = app.read(path);
  const auto package = file ? parse_json(*file) : std::nullopt;
  if (!package || !package->is_object() || !package->contains("scripts")) return std::nullopt;
  auto text = member<std::string>((*package)["scripts"], script->name);
  if (!text) return std::nullopt;
  return Source{.file = path,
                .text = *std::move(text),
                .lead = write_json(script->name) + ": ",
                .form = Form::json_string,
                .directory = script->directory};
}

// The file that a shell is told to run: "web" of "bash -e web". A shell asks for no "#!".
std::optional<std::string> script_of_shell(const Command& command, std::size_t program) {
  const std::vector<Token>& words = command.words;
  if (program >= words.size() || !is_shell(words[program]) || inline_script(words, program) != nullptr) return std::nullopt;
  const auto argument = std::find_if(words.begin() + static_cast<std::ptrdiff_t>(program) + 1, words.end(),
                                     [](const Token& word) { return !word.value.starts_with('-'); });
  return argument == words.end() ? std::nullopt : path_in_app(argument->value, command.directory);
}

}  // namespace

std::vector<std::string> named_files(const Command& command, std::size_t from, const App& app) {
  std::vector<std::string> files;
  for (std::size_t i = from; i < command.words.size() && files.size() < kMaxFiles; ++i) {
    const auto path = file_path(command.words[i], command.directory);
    if (path && (path->ends_with(".jar") || app.read(*path))) files.push_back(*path);
  }
  return files;
}

std::vector<Source> started_texts(const Command& command, std::size_t from, const App& app) {
  const std::size_t program = program_word(command.words, from);
  const auto by_shell = script_of_shell(command, program);
  std::vector<std::string> paths = named_files(command, from, app);
  if (by_shell && std::ranges::find(paths, *by_shell) == paths.end()) paths.push_back(*by_shell);
  std::vector<Source> texts;
  for (const std::string& path : paths) {
    auto content = app.read(path);
    if (!content || !(path == by_shell ? is_plain_text(*content) : is_shell_script(path, *content))) continue;
    texts.push_back({.file = path, .text = *std::move(content), .directory = command.directory});
  }
  if (auto text = package_text(command, program, app)) texts.push_back(*std::move(text));
  return texts;
}

}  // namespace mesh::procfile
