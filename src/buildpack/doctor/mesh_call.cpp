#include "buildpack/doctor/mesh_call.h"

#include <algorithm>
#include <array>
#include <utility>

#include "buildpack/doctor/ports.h"
#include "buildpack/doctor/servers.h"
#include "common/text.h"

namespace mesh::buildpack::doctor {

using procfile::App;
using procfile::assigned_name;
using procfile::Command;
using procfile::expanded;
using procfile::Expansion;
using procfile::file_name;
using procfile::one_of;
using procfile::parse_shell;
using procfile::path_in_app;
using procfile::plain_word;
using procfile::Scope;
using procfile::ShellText;
using procfile::Token;
using procfile::tokenize;
using procfile::Value;
namespace {

constexpr auto kEnd = std::string::npos;
constexpr std::array<std::string_view, 4> kLongDashes = {"\u2014", "\u2013", "\u2012", "\u2212"};
constexpr std::string_view kSpace = "\u00A0";
constexpr std::array<std::string_view, 4> kCurlyQuotes = {"\u201C", "\u201D", "\u2018", "\u2019"};
// Programs that take a mesh's name without starting it.
constexpr std::string_view kSpeakers =
    "echo printf which type test [ [[ ls cat chmod cp mv ln rm file grep hash pgrep pkill";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != kEnd; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// The word with the variables that the shell knows: "$MESH" after MESH=..., ${MESH:-...}.
std::string known_word(const Token& word, const Scope& scope) {
  const Value value = expanded({word.value, word.expansions}, scope);
  const Expansion* const expansion = value.sole_expansion();
  return expansion != nullptr && expansion->fallback ? *expansion->fallback : value.text;
}

// A file of the app may well have a name that resembles a mesh's.
bool names_mesh(const std::string& word) {
  const bool is_file = word.find('/') != kEnd && word.find("vendor/") == kEnd;
  return parse_mesh_name(word) || (!is_file && misspelled_mesh_name(word, Product::integration));
}

// "APP_PORT=3000" of some of these words: "APP_PORT:3000", "APP_PORT = 3000" and their like.
std::optional<Token> joined_assignment(const std::vector<Token>& words, std::size_t at, std::size_t count) {
  if (at + count > words.size() || (assigned_name(words[at]) && !words[at].raw.ends_with('='))) return std::nullopt;
  std::string text;
  for (std::size_t i = at; i < at + count; ++i) text += words[i].raw;
  const std::size_t name = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
  if (name == 0 || name == kEnd || (text[name] != '=' && text[name] != ':')) return std::nullopt;
  text[name] = '=';
  return parse_port(text.substr(name + 1)) ? std::optional(plain_word(text)) : std::nullopt;
}

// Joins a name that is written as several words: "heroku applink service mesh", "heroku applink:service-mesh".
void join_name(std::vector<Token>& words, std::vector<Finding>& findings) {
  constexpr std::size_t kMaxWords = 4;
  const std::size_t at = started_program(words).program;
  if (at >= words.size() || !text::lower(words[at].value).starts_with("heroku") || parse_mesh_name(words[at].value)) return;
  std::string written;
  for (std::size_t count = 1; count <= kMaxWords && at + count <= words.size(); ++count) {
    written += (count > 1 ? " " : "") + words[at + count - 1].value;
    std::string name = text::lower(written);
    std::ranges::replace_if(
        name, [](char c) { return c == ' ' || c == ':'; }, '-');
    const auto mesh = parse_mesh_name(name);
    if (!mesh || !mesh->suffix.empty()) continue;
    findings.push_back(make_finding(Problem::mesh_misspelled, "", {written, name}));
    const auto first = words.begin() + static_cast<std::ptrdiff_t>(at);
    words.erase(first + 1, first + static_cast<std::ptrdiff_t>(count));
    words[at] = plain_word(name);
    return;
  }
}

// Puts right "APP_PORT = 3000 mesh npm start", and "export APP_PORT=3000 mesh npm start", where the shell exports variables
// of all these names.
Command put_right(Command command, std::vector<Finding>& findings) {
  std::vector<Token> words = std::exchange(command.assignments, {});
  words.insert(words.end(), command.words.begin(), command.words.end());
  const auto is_mesh = [](const Token& word) { return names_mesh(word.value); };
  if (!words.empty() && words[0].value == "export" && std::ranges::any_of(words, is_mesh)) {
    findings.push_back(make_finding(Problem::export_without_and, ""));
    words.erase(words.begin());
  }
  std::size_t i = 0;
  for (std::size_t count = 3; i < words.size() && count > 0;) {
    if (const auto joined = joined_assignment(words, i, count)) {
      findings.push_back(make_finding(Problem::malformed_assignment, "", {*assigned_name(*joined)}));
      command.assignments.push_back(*joined);
      i += std::exchange(count, 3);
    } else if (--count == 0 && assigned_name(words[i])) {
      command.assignments.push_back(words[i++]);
      count = 3;
    }
  }
  command.words.assign(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
  join_name(command.words, findings);
  return command;
}

// A word processor's dash at the start of a word, where hyphens were written.
bool put_dash_right(Token& word) {
  for (const std::string_view dash : kLongDashes) {
    if (word.quoted || !word.raw.starts_with(dash)) continue;
    const std::string rest = word.raw.substr(dash.size());
    const auto tokens = tokenize((rest.size() == 1 ? "-" : "--") + rest);
    if (tokens.size() == 1) word = tokens[0];
    return tokens.size() == 1;
  }
  return false;
}

// Returns the index behind "npx", "npm exec" and their like, which run a package and find no other program; `at` for any
// other word.
std::size_t behind_package_runner(const std::vector<Token>& words, std::size_t at) {
  const std::string_view name = file_name(words[at].value);
  const std::string_view verbs = name == "npm" ? "exec x" : (one_of(name, "yarn pnpm") ? "dlx" : "");
  const bool has_verb = at + 1 < words.size() && one_of(words[at + 1].value, verbs);
  if (!has_verb && !one_of(name, "npx pnpx")) return at;
  std::size_t i = at + (has_verb ? 2 : 1);
  while (i < words.size() && one_of(words[i].value, "-y --yes --no --no-install --")) ++i;
  return i;
}

// An absolute path where the platform has no mesh. A Cloud Native image has it in a layer, and a script may copy it.
bool is_foreign_path(std::string_view word) {
  constexpr std::array<std::string_view, 4> kKnown = {"/app/", "/workspace/", "/layers/", "/tmp/"};
  return word.starts_with('/') && word.find_first_of("$*?") == kEnd && word.find("..") == kEnd &&
         std::ranges::none_of(kKnown, [&](std::string_view known) { return word.starts_with(known); });
}

// A path that no buildpack puts a mesh at, and where the app has none.
bool is_wrong_path(const std::string& word, const std::string& directory, const App& app) {
  const auto path = word.find('/') == kEnd ? std::nullopt : path_in_app(word, directory);
  if (!path) return is_foreign_path(word);
  const std::size_t slash = path->rfind('/');
  const auto names = app.list(slash == kEnd ? "" : path->substr(0, slash));
  const bool is_there = std::ranges::find(names, path->substr(slash + 1)) != names.end();
  return !is_there && !path->starts_with("vendor/heroku-applink/bin/") &&
         !path->starts_with("vendor/heroku-integration/bin/");
}

// Whether the name goes on with something that is neither a version nor an architecture: "-buildpack".
bool is_other_name(const MeshName& name) {
  return name.suffix.find_first_of("0123456789$") == kEnd && !name.suffix.empty() && !name.suffix.starts_with("-latest");
}

// Fills in the mesh's name, as it should be, and what is before it in the word.
void name_mesh(MeshCall& call, const Token& word, const Command& command, const Scope& scope, const App& app) {
  const std::string value = known_word(word, scope);
  call.name = parse_mesh_name(value);
  if (!call.name) {
    call.name = misspelled_mesh_name(value, app.product.value_or(Product::integration));
    call.findings.push_back(make_finding(Problem::mesh_misspelled, "", {value, call.name->text}));
  } else if (is_other_name(*call.name)) {
    call.name = parse_mesh_name(program(call.name->product));
    call.findings.push_back(make_finding(Problem::mesh_misspelled, "", {value, call.name->text}));
  } else if (is_wrong_path(value, command.directory, app)) {
    call.findings.push_back(make_finding(Problem::mesh_path, "", {value}));
  } else if (word.raw == word.value) {
    call.directory = word.raw.substr(0, word.raw.rfind('/') + 1);
  }
}

// The index of the mesh among the words; their number if the command starts none.
std::size_t find_mesh(const Command& command, const Scope& scope) {
  const auto& words = command.words;
  if (words.empty() || only_names_mesh(command)) return words.size();
  const std::size_t program = started_program(words).program;
  return program < words.size() && names_mesh(known_word(words[program], scope)) ? program : words.size();
}

// Takes the words behind the mesh: its flags, and the app's command.
void take_arguments(MeshCall& call, std::vector<Token> words) {
  bool has_dash = false;
  for (Token& word : words) has_dash = put_dash_right(word) || has_dash;
  if (has_dash) call.findings.push_back(make_finding(Problem::long_dash, ""));
  std::size_t i = 0;
  while (i < words.size() && !call.dashes && words[i].value.size() > 1 && words[i].value.starts_with('-')) {
    call.dashes = words[i].value == "--";
    const std::string next = i + 1 < words.size() ? words[i + 1].value : "";
    // A word that is no port is the app's command.
    const bool has_value = one_of(words[i].value, "--port -p") && next.find_first_of("0123456789:$`") == 0;
    if (!call.dashes) call.flags.push_back(words[i]);
    if (has_value) call.flags.push_back(words[++i]);
    ++i;
  }
  call.wrapped.assign(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
}

// Replaces %PORT% and "set PORT=1". In '...' a variable would not be one.
void replace_windows_syntax(PlainCommand& plain) {
  const auto add = [&](std::string_view written) {
    plain.findings.push_back(make_finding(Problem::windows_syntax, "", {written}));
  };
  for (const std::string name : {"PORT", "APP_PORT"}) {
    const std::string written = "%" + name + "%";
    if (plain.text.find(written) == kEnd || plain.text.find('\'') != kEnd) continue;
    add(written);
    plain.text = replaced(plain.text, written, "$" + name);
  }
  std::vector<Command> commands = parse_shell(plain.text).commands;
  std::ranges::reverse(commands);  // so that offsets stay valid
  for (const Command& command : commands) {
    const auto& words = command.words;
    if (words.size() != 2 || words[0].raw != "set" || !assigned_name(words[1])) continue;
    add("set " + *assigned_name(words[1]) + "=");
    plain.text.replace(command.begin, words[0].raw.size(), "export");
  }
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

bool MeshCall::is_quoted_command() const {
  return wrapped.size() == 1 && wrapped[0].quoted && text::trim(wrapped[0].value).find(' ') != kEnd;
}

const Token* MeshCall::first_flag() const {
  for (const Token& word : wrapped) {
    if (word.value == "--") break;
    if (word.value.size() > 1 && word.value.starts_with('-')) return &word;
  }
  return nullptr;
}

bool MeshCall::unquote() {
  const ShellText text = parse_shell(text::trim(wrapped[0].value));
  if (!text.is_simple() || text.commands.size() != 1) return false;
  wrapped = text.commands[0].words;
  assignments.insert(assignments.end(), text.commands[0].assignments.begin(), text.commands[0].assignments.end());
  return true;
}

MeshCall take_apart(const Command& original, const Scope& scope, const App& app) {
  MeshCall call;
  const Command command = put_right(original, call.findings);
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
    if (behind_package_runner(words, i) == mesh) {
      call.findings.push_back(make_finding(Problem::mesh_behind_npx, "", {words[i].value}));
      break;
    }
    if (assigned_name(words[i])) {
      call.assignments.push_back(words[i]);
    } else if (words[i].value != "env" || words[i + 1].value.starts_with('-')) {
      call.front.push_back(words[i]);
    }
  }
  take_arguments(call, {words.begin() + static_cast<std::ptrdiff_t>(mesh) + 1, words.end()});
  return call;
}

std::vector<Token>::const_iterator port_flag_without_value(const std::vector<Token>& flags) {
  auto flag = flags.begin();
  const auto has_value = [&] { return flag + 1 != flags.end() && !(flag + 1)->value.starts_with('-'); };
  while (flag != flags.end() && (!one_of(flag->value, "--port -p") || has_value())) ++flag;
  return flag;
}

bool starts_mesh(const Command& command, const Scope& scope) {
  std::vector<Finding> findings;
  const Command right = put_right(command, findings);
  return find_mesh(right, scope) < right.words.size();
}

bool only_names_mesh(const Command& command) {
  const auto& words = command.words;
  if (one_of(file_name(words.front().value), kSpeakers)) return true;
  return words.front().value == "command" && words.size() > 1 && words[1].value.starts_with('-');
}

PlainCommand without_typography(const std::string& text) {
  PlainCommand plain{text};
  const auto tokens = tokenize(text);
  const auto has = [&](std::string_view character, bool at_start) {
    return std::ranges::any_of(tokens, [&](const Token& token) {
      const std::size_t at = token.raw.find(character);
      return !token.quoted && at != kEnd && (!at_start || at == 0);
    });
  };
  if (has(kSpace, false)) {
    plain.findings.push_back(make_finding(Problem::no_break_space, ""));
    plain.text = replaced(plain.text, kSpace, " ");
  }
  if (std::ranges::any_of(kCurlyQuotes, [&](std::string_view quote) { return has(quote, true); })) {
    plain.findings.push_back(make_finding(Problem::curly_quotes, ""));
    for (std::size_t i = 0; i < kCurlyQuotes.size(); ++i)
      plain.text = replaced(plain.text, kCurlyQuotes[i], i < 2 ? "\"" : "'");
  }
  replace_windows_syntax(plain);
  return plain;
}

}  // namespace mesh::buildpack::doctor
