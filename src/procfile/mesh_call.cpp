#include "procfile/mesh_call.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "procfile/ports.h"
#include "procfile/servers.h"

namespace mesh::procfile {
namespace {

constexpr std::array<std::string_view, 4> kLongDashes = {"\u2014", "\u2013", "\u2012", "\u2212"};
constexpr std::string_view kSpace = "\u00A0";
constexpr std::array<std::string_view, 4> kCurlyQuotes = {"\u201C", "\u201D", "\u2018", "\u2019"};
// Programs that take a mesh's name without starting it.
constexpr std::string_view kSpeakers =
    "echo printf which type test [ [[ ls cat chmod cp mv ln rm file grep hash pgrep pkill";

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result;
  for (std::size_t at = text.find(from); at != std::string_view::npos; at = text.find(from)) {
    result.append(text.substr(0, at)).append(to);
    text.remove_prefix(at + from.size());
  }
  return result.append(text);
}

bool is_upper_name(std::string_view name) {
  return name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == std::string_view::npos &&
         text::lower(name) != name;
}

// The name of a mesh that a variable holds: "$MESH" after MESH=..., ${MESH:-...}.
// NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxIndirection
std::optional<std::string> held_mesh(std::string_view value, const std::vector<Expansion>& expansions, const Scope& scope,
                                     int depth) {
  constexpr int kMaxIndirection = 4;
  if (depth > 0 && parse_mesh_name(value)) return std::string(value);
  const Expansion* const expansion = sole_expansion(value, expansions);
  if (expansion == nullptr || depth > kMaxIndirection) return std::nullopt;
  if (const auto bound = scope.find(expansion->name); bound != scope.end()) {
    if (auto name = held_mesh(bound->second.value, bound->second.expansions, scope, depth + 1)) return name;
  }
  return expansion->fallback && parse_mesh_name(*expansion->fallback) ? expansion->fallback : std::nullopt;
}

// "NAME=value" of "NAME:3000", "NAME = 3000" and their like at the start of the words, with how many words it took.
struct Assignment {
  std::string text;
  std::size_t words;
};

std::optional<Assignment> malformed_assignment(const std::vector<Token>& words) {
  const auto word = [&](std::size_t i) { return i < words.size() ? std::string_view(words[i].raw) : std::string_view(); };
  const std::string_view first = word(0);
  const std::size_t colon = first.find(':');
  if (colon != std::string_view::npos && is_upper_name(first.substr(0, colon))) {
    const std::string name = std::string(first.substr(0, colon)) + "=";
    if (parse_port(first.substr(colon + 1))) return Assignment{name + std::string(first.substr(colon + 1)), 1};
    if (colon + 1 == first.size() && parse_port(word(1))) return Assignment{name + std::string(word(1)), 2};
  }
  if (!is_upper_name(first) || !word(1).starts_with('=')) return std::nullopt;
  if (word(1).size() > 1) return Assignment{std::string(first) + std::string(word(1)), 2};
  return words.size() > 3 ? std::optional(Assignment{std::string(first) + "=" + std::string(word(2)), 3}) : std::nullopt;
}

void put_assignments_right(Command& command, std::vector<Slip>& slips) {
  auto& words = command.words;
  const auto told = [&](const std::string& name) { slips.push_back({Problem::malformed_assignment, {name}}); };
  // "APP_PORT= 3000 mesh"
  if (!command.assignments.empty() && words.size() > 1 && command.assignments.back().raw.ends_with('=') &&
      is_upper_name(*assigned_name(command.assignments.back())) && parse_port(words[0].raw)) {
    told(*assigned_name(command.assignments.back()));
    command.assignments.back() = plain_word(command.assignments.back().raw + words[0].raw);
    words.erase(words.begin());
  }
  while (const auto found = malformed_assignment(words)) {
    const auto tokens = tokenize(found->text);
    if (tokens.size() != 1) return;
    told(*assigned_name(tokens[0]));
    command.assignments.push_back(tokens[0]);
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(found->words));
    while (!words.empty() && assigned_name(words[0])) {
      command.assignments.push_back(words[0]);
      words.erase(words.begin());
    }
  }
}

// A file of the app may well have a name that resembles a mesh's.
bool names_mesh(const Token& word) {
  const bool is_file = word.value.find('/') != std::string::npos && word.value.find("vendor/") == std::string::npos;
  return parse_mesh_name(word.value) || (!is_file && misspelled_mesh_name(word.value, Product::integration));
}

// "export APP_PORT=3000 mesh npm start": the shell exports variables of all these names.
void put_export_right(Command& command, std::vector<Slip>& slips) {
  auto& words = command.words;
  if (words.front().value != "export" || std::none_of(words.begin() + 1, words.end(), names_mesh)) return;
  slips.push_back({Problem::export_without_and});
  words.erase(words.begin());
  while (!words.empty() && assigned_name(words.front())) {
    command.assignments.push_back(words.front());
    words.erase(words.begin());
  }
}

// A word processor's dash at the start of a word, where hyphens were written.
void put_dash_right(Token& word, std::vector<Slip>& slips) {
  for (const std::string_view dash : kLongDashes) {
    if (word.quoted || !word.raw.starts_with(dash)) continue;
    const std::string rest = word.raw.substr(dash.size());
    const auto tokens = tokenize((rest.size() == 1 ? "-" : "--") + rest);
    if (tokens.size() != 1) return;
    if (std::ranges::find(slips, Problem::long_dash, &Slip::problem) == slips.end()) slips.push_back({Problem::long_dash});
    word = tokens[0];
  }
}

bool is_there(const std::string& path, const App& app) {
  const std::size_t slash = path.rfind('/');
  const auto names = app.list(slash == std::string::npos ? "" : path.substr(0, slash));
  return std::ranges::find(names, path.substr(slash + 1)) != names.end();
}

// A path that no buildpack puts a mesh at, and where the app has none.
bool is_wrong_path(const std::string& word, const std::string& directory, const App& app) {
  if (word.find('/') == std::string::npos) return false;
  const auto path = path_in_app(word, directory);
  if (!path) return false;
  const bool installed =
      path->starts_with("vendor/heroku-applink/bin/") || path->starts_with("vendor/heroku-integration/bin/");
  return !installed && !is_there(*path, app);
}

// Fills in the mesh's name, as it should be, and what is before it in the word.
void name_mesh(MeshCall& call, const Token& word, const Command& command, const Scope& scope, const App& app) {
  const std::string value = held_mesh(word.value, word.expansions, scope, 0).value_or(word.value);
  call.directory = word.raw == word.value ? word.raw.substr(0, word.raw.rfind('/') + 1) : "";
  call.name = parse_mesh_name(value);
  if (!call.name) {
    call.name = misspelled_mesh_name(value, app.product.value_or(Product::integration));
    call.directory.clear();
    call.slips.push_back({Problem::mesh_misspelled, {value, call.name->text}});
  } else if (is_wrong_path(value, command.directory, app)) {
    call.directory.clear();
    call.slips.push_back({Problem::mesh_path, {value}});
  }
}

// The index of the mesh among the words; their number if the command starts none.
std::size_t find_mesh(const Command& command, const Scope& scope) {
  const auto& words = command.words;
  if (words.empty() || speaks_of_mesh(command)) return words.size();
  const std::size_t program = started_program(words, 0).program;
  if (program >= words.size()) return words.size();
  const Token& word = words[program];
  return names_mesh(word) || held_mesh(word.value, word.expansions, scope, 0) ? program : words.size();
}

Command put_right(Command command, std::vector<Slip>& slips) {
  if (command.words.empty()) return command;
  put_assignments_right(command, slips);
  if (!command.words.empty()) put_export_right(command, slips);
  return command;
}

}  // namespace

std::string MeshCall::text() const {
  std::string line;
  const auto add = [&](const std::string& word) { line += (line.empty() ? "" : " ") + word; };
  for (const Token& token : assignments) add(token.raw);
  for (const Token& token : front) add(token.raw);
  if (name) add(directory + name->text);
  for (const Token& token : flags) add(token.raw);
  if (dashes) add("--");
  for (const Token& token : wrapped) add(token.raw);
  for (const std::string& redirection : redirections) add(redirection);
  return line;
}

MeshCall take_apart(const Command& original, const Scope& scope, const App& app) {
  MeshCall call;
  const Command command = put_right(original, call.slips);
  call.assignments = command.assignments;
  call.redirections = command.redirections;
  const auto& words = command.words;
  const std::size_t mesh = find_mesh(command, scope);
  std::size_t i = 0;
  if (mesh == words.size()) {
    while (i < words.size() && words[i].value == "exec") call.front.push_back(words[i++]);
    call.wrapped.assign(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
    return call;
  }
  name_mesh(call, words[mesh], command, scope, app);
  for (; i < mesh; ++i) {
    if (assigned_name(words[i])) {
      call.assignments.push_back(words[i]);
    } else if (words[i].value != "env" || words[i + 1].value.starts_with('-')) {
      call.front.push_back(words[i]);
    }
  }
  std::vector<Token> rest(words.begin() + static_cast<std::ptrdiff_t>(mesh) + 1, words.end());
  for (Token& word : rest) put_dash_right(word, call.slips);
  i = 0;
  while (i < rest.size() && rest[i].value.starts_with('-') && rest[i].value != "-") {
    if (rest[i].value == "--") {
      call.dashes = true;
      ++i;
      break;
    }
    const bool has_value = one_of(rest[i].value, "--port -p") && i + 1 < rest.size() && rest[i + 1].value != "--";
    call.flags.push_back(rest[i++]);
    if (has_value) call.flags.push_back(rest[i++]);
  }
  call.wrapped.assign(rest.begin() + static_cast<std::ptrdiff_t>(i), rest.end());
  return call;
}

bool starts_mesh(const Command& command, const Scope& scope) {
  std::vector<Slip> slips;
  const Command right = put_right(command, slips);
  return find_mesh(right, scope) < right.words.size();
}

bool speaks_of_mesh(const Command& command) {
  const auto& words = command.words;
  if (one_of(file_name(words.front().value), kSpeakers)) return true;
  return words.front().value == "command" && words.size() > 1 && words[1].value.starts_with('-');
}

std::string without_typography(std::string text, std::vector<Slip>& slips) {
  const auto tokens = tokenize(text);
  const auto has = [&](std::string_view character, bool at_start) {
    return std::ranges::any_of(tokens, [&](const Token& token) {
      const std::size_t at = token.raw.find(character);
      return !token.quoted && at != std::string::npos && (!at_start || at == 0);
    });
  };
  if (has(kSpace, false)) {
    slips.push_back({Problem::no_break_space});
    text = replaced(text, kSpace, " ");
  }
  if (std::ranges::any_of(kCurlyQuotes, [&](std::string_view quote) { return has(quote, true); })) {
    slips.push_back({Problem::curly_quotes});
    for (std::size_t i = 0; i < kCurlyQuotes.size(); ++i) text = replaced(text, kCurlyQuotes[i], i < 2 ? "\"" : "'");
  }
  return text;
}

}  // namespace mesh::procfile
