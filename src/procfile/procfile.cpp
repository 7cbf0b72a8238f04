#include "procfile/procfile.h"

#include <algorithm>

#include "base/text.h"

namespace mesh {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

std::optional<ProcessType> parse_line(std::string_view line) {
  line = text::trim(line);
  const auto name_end = static_cast<std::size_t>(std::ranges::find_if_not(line, is_name_character) - line.begin());
  const std::string_view rest = text::trim(line.substr(name_end));
  if (name_end == 0 || !rest.starts_with(':')) return std::nullopt;
  const std::string_view command = text::trim(rest.substr(1));
  if (command.empty()) return std::nullopt;
  return ProcessType{std::string(line.substr(0, name_end)), std::string(command)};
}

// The words of a shell command up to its comment, roughly: enough to recognise a program's name, without quotes.
std::vector<std::string_view> words(std::string_view command) {
  constexpr std::string_view kBetween = " \t\r\n;&|()\"'`";
  std::vector<std::string_view> result;
  while (!command.empty()) {
    const std::size_t start = std::min(command.find_first_not_of(kBetween), command.size());
    command.remove_prefix(start);
    if (command.starts_with('#')) break;
    const std::size_t end = std::min(command.find_first_of(kBetween), command.size());
    if (end > 0) result.push_back(command.substr(0, end));
    command.remove_prefix(end);
  }
  return result;
}

// Both products' programs, under all names that their buildpacks gave them.
bool is_mesh(std::string_view word) {
  const std::string_view program = word.substr(word.rfind('/') + 1);
  return program == "heroku-integration-service-mesh" || program == "heroku-applink-service-mesh" ||
         program.starts_with("heroku-applink-service-mesh-");
}

bool names_mesh(std::string_view command) { return std::ranges::any_of(words(command), is_mesh); }

bool script_names_mesh(std::string_view script) { return std::ranges::any_of(text::split(script, '\n'), names_mesh); }

// The path of a word inside the app, where it can be one: "./start.sh", "bin/web", "/app/start.sh", "$HOME/start.sh".
std::optional<std::string_view> app_path(std::string_view word) {
  for (const std::string_view prefix : {"./", "/app/", "$HOME/", "${HOME}/"}) {
    if (word.starts_with(prefix)) return word.substr(prefix.size());
  }
  const bool plain = word.find('/') != std::string_view::npos || word.ends_with(".sh");
  return plain && !word.starts_with('/') ? std::optional(word) : std::nullopt;
}

bool starts_script_with_mesh(std::string_view command, const AppFileReader& read) {
  return std::ranges::any_of(words(command), [&](std::string_view word) {
    const auto path = app_path(word);
    if (!path || path->find("..") != std::string_view::npos) return false;
    const auto script = read(*path);
    return script && script->starts_with("#!") && script_names_mesh(*script);
  });
}

}  // namespace

std::vector<ProcessType> parse_procfile(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::string lines(text);
  std::ranges::replace(lines, '\r', '\n');
  std::vector<ProcessType> types;
  for (const std::string_view line : text::split(lines, '\n')) {
    auto type = parse_line(line);
    if (!type) continue;
    const auto earlier = std::ranges::find(types, type->name, &ProcessType::name);
    if (earlier == types.end()) {
      types.push_back(*std::move(type));
    } else {
      earlier->command = std::move(type->command);
    }
  }
  return types;
}

std::string_view name(WebProcess web) {
  switch (web) {
    case WebProcess::wrapped: return "wrapped";
    case WebProcess::unwrapped: return "unwrapped";
    case WebProcess::missing: return "missing";
    case WebProcess::no_procfile: return "no-procfile";
  }
  return "missing";
}

ProcfileCheck check_procfile(const AppFileReader& read) {
  const auto text = read("Procfile");
  if (!text) return {.web = WebProcess::no_procfile, .findings = {"procfile-missing"}};

  const auto types = parse_procfile(*text);
  const auto web = std::ranges::find(types, "web", &ProcessType::name);
  if (web == types.end()) return {.web = WebProcess::missing, .findings = {"web-missing"}};

  if (names_mesh(web->command) || starts_script_with_mesh(web->command, read)) {
    return {.web = WebProcess::wrapped, .web_command = web->command};
  }
  return {.web = WebProcess::unwrapped, .web_command = web->command, .findings = {"mesh-not-used"}};
}

}  // namespace mesh
