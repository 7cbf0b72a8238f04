#include "procfile/call_checks.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace mesh::procfile {
namespace {

// What only a shell can do.
constexpr std::array<std::string_view, 8> kBuiltins = {"cd", "export", "source", ".", "exec", "set", "eval", "ulimit"};
// What may follow the mesh without being meant to run behind it.
constexpr std::array<std::string_view, 7> kEndings = {"exit", "true", "false", ":", "echo", "kill", "wait"};

bool one_of(std::string_view word, std::span<const std::string_view> list) {
  return std::ranges::find(list, word) != list.end();
}

Draft draft(Problem problem, const MeshCall& call, std::vector<std::string> words, std::vector<Edit> edits) {
  return {problem, std::move(words), call.command.begin, call.command.end, std::move(edits)};
}

const Token& first_wrapped(const MeshCall& call) { return call.words()[call.wrapped]; }

// What "sh" may not know: Debian's is dash.
std::string shell_for(std::string_view script) {
  constexpr std::array<std::string_view, 5> kBashOnly = {"source", "[[", "shopt", "declare", "pushd"};
  const auto is_bash = [&](const Command& command) {
    return !command.words.empty() && one_of(command.words.front().value, kBashOnly);
  };
  return std::ranges::any_of(parse_commands(script), is_bash) ? "bash" : "sh";
}

bool has_closed_brackets(std::string_view script) {
  int open = 0;
  for (const Token& token : tokenize(script)) {
    if (token.kind == TokenKind::operation && token.raw == "(") ++open;
    if (token.kind == TokenKind::operation && token.raw == ")") --open;
  }
  return open == 0;
}

// "1.2.3" is what was released as "v1.2.3".
std::string_view without_v(std::string_view version) {
  return version.size() > 1 && version[0] == 'v' && version[1] >= '0' && version[1] <= '9' ? version.substr(1) : version;
}

// What becomes of a call by a name with a version and an architecture in it. This buildpack installs both products' names,
// with "latest" and with the version; the AppLink buildpack one of its own, and the Integration buildpack none.
enum class CalledBy { any_buildpack, this_buildpack, none };

CalledBy names_installed(const MeshName& called, const Surroundings& around) {
  using enum CalledBy;
  if (called.version.empty() && called.arch.empty()) return any_buildpack;
  if (called.arch != "amd64" && called.arch != "arm64") return none;
  if (around.arch && called.arch != *around.arch) return none;
  const bool is_applink = around.product == Product::applink;
  if (!around.config) return is_applink ? any_buildpack : this_buildpack;
  const std::string pinned = around
                                 .config_value(is_applink ? "HEROKU_APPLINK_SERVICE_MESH_RELEASE_VERSION"
                                                          : "HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION")
                                 .value_or("latest");
  if (without_v(called.version) == without_v(pinned)) return is_applink ? any_buildpack : this_buildpack;
  return called.version == "latest" ? this_buildpack : none;
}

void check_name(const MeshCall& call, const Surroundings& around, Drafts& drafts) {
  const Token& word = call.mesh_word();
  const std::string directory = word.raw == word.value ? word.raw.substr(0, word.raw.rfind('/') + 1) : "";
  const std::string installed(program(around.product));
  const CalledBy called_by = names_installed(call.name, around);
  if (call.name.product != around.product) {
    // In its own directory there is no link to the other one.
    const bool is_found = called_by != CalledBy::none && directory.find("vendor/") == std::string::npos;
    Draft other = draft(Problem::wrong_product_name, call,
                        {call.name.text, is_found ? "it starts the installed one, by whose rules it has to be called"
                                                  : "the shell ends with \"command not found\" (exit code 127)"},
                        {{word.begin, word.end, is_found ? directory + installed : installed}});
    if (is_found) other.severity = Severity::warning;
    drafts.push_back(std::move(other));
  } else if (called_by != CalledBy::any_buildpack) {
    const bool is_found = called_by == CalledBy::this_buildpack;
    Draft named =
        draft(Problem::arch_in_name, call,
              {call.name.text, is_found ? "this buildpack installs it, others would not"
                                        : "it is not installed, so the shell ends with \"command not found\" (exit "
                                          "code 127)"},
              {{word.begin, word.end, directory + installed}});
    if (is_found) named.severity = Severity::note;
    drafts.push_back(std::move(named));
  }
}

void check_integration_flags(const MeshCall& call, Drafts& drafts) {
  const std::size_t begin = call.words()[call.mesh].end;
  const std::size_t end = call.has_command() ? first_wrapped(call).begin : begin;
  std::vector<Edit> edits;
  if (call.has_command()) edits.push_back({begin, end, " "});
  if (call.has_flags()) {
    drafts.push_back(draft(Problem::mesh_flag_on_integration, call, {call.words()[call.mesh + 1].value}, edits));
  }
  if (call.dashes) drafts.push_back(draft(Problem::dashdash_on_integration, call, {}, edits));
}

void check_applink_flags(const MeshCall& call, Drafts& drafts) {
  if (call.dashes || !call.has_command()) return;
  for (std::size_t i = call.wrapped; i < call.words().size() && call.words()[i].value != "--"; ++i) {
    const Token& word = call.words()[i];
    if (!word.value.starts_with('-') || word.value.size() < 2) continue;
    const std::size_t begin = first_wrapped(call).begin;
    drafts.push_back(draft(Problem::missing_dashdash_on_applink, call, {word.value}, {{begin, begin, "-- "}}));
    return;
  }
}

// One argument, in quotes, that was meant as a whole command.
bool is_quoted_command(const MeshCall& call) {
  const Token& word = first_wrapped(call);
  return word.quoted && call.wrapped + 1 == call.words().size() &&
         text::trim(word.value).find(' ') != std::string_view::npos;
}

void check_quotes(const MeshCall& call, Drafts& drafts) {
  const Token& word = first_wrapped(call);
  const std::string content(text::trim(word.value));
  const bool needs_shell = content.find_first_of("&|;<>()'\"\\`") != std::string::npos;
  std::string instead = needs_shell ? shell_for(content) + " -c " + quoted(content) : content;
  drafts.push_back(draft(Problem::quoted_command, call, {}, {{word.begin, word.end, std::move(instead)}}));
}

void check_assignment(const MeshCall& call, const std::string& name, Drafts& drafts) {
  const Token& word = first_wrapped(call);
  // In front of "exec" and its like, behind which it would be a program's name again.
  const std::size_t front = call.words().front().begin;
  std::vector<Edit> edits = {{front, front, word.raw + " "}};
  if (call.wrapped + 1 < call.words().size()) edits.push_back({word.begin, call.words()[call.wrapped + 1].begin, ""});
  if (edits.size() == 1) edits.clear();
  drafts.push_back(draft(Problem::assignment_after_mesh, call, {name}, std::move(edits)));
}

// Up to where a shell would have to run it all: the end of the line.
std::size_t end_of_line(const MeshCall& call) {
  std::size_t end = call.command.end;
  std::string_view after = call.command.after;
  for (const Command& command : call.later) {
    if (after == "\n" || after == ")" || after == ";;" || after.empty()) break;
    end = command.end;
    after = command.after;
  }
  return end;
}

void check_shell_operation(const MeshCall& call, std::string_view text, Drafts& drafts) {
  const Token& word = first_wrapped(call);
  const std::string& after = call.command.after;
  const bool joins = after == "&&" || after == "||" || after == ";" || after == "|" || after == "|&";
  const bool continued = joins && !call.later.empty() && !call.later.front().words.empty() &&
                         !one_of(call.later.front().words.front().value, kEndings) && !mesh_word_of(call.later.front());
  if (word.value == "exec" && call.wrapped + 1 < call.words().size()) {
    const std::size_t next = call.words()[call.wrapped + 1].begin;
    drafts.push_back(draft(Problem::shell_op_after_mesh, call, {"exec", "exec"}, {{word.begin, next, ""}}));
  } else if (continued || one_of(word.value, kBuiltins)) {
    const std::size_t end = end_of_line(call);
    const std::string_view script = text.substr(word.begin, end - word.begin);
    std::vector<Edit> edits;
    if (has_closed_brackets(script)) edits.push_back({word.begin, end, shell_for(script) + " -c " + quoted(script)});
    drafts.push_back(
        draft(Problem::shell_op_after_mesh, call, {word.value, continued ? after : word.value}, std::move(edits)));
  }
}

void check_background(const MeshCall& call, std::string_view text, Drafts& drafts) {
  if (call.command.after != "&") return;
  const bool waited = std::ranges::any_of(
      call.later, [](const Command& command) { return !command.words.empty() && command.words.front().value == "wait"; });
  if (waited) return;
  std::vector<Edit> edits;
  const std::size_t mark = text.find('&', call.command.end);
  if (call.later.empty() && mark != std::string_view::npos) edits.push_back({call.command.end, mark + 1, ""});
  drafts.push_back(draft(Problem::background_mesh, call, {}, std::move(edits)));
}

void check_nested(const MeshCall& call, Drafts& drafts) {
  for (std::size_t i = call.wrapped; i < call.words().size(); ++i) {
    const Token& word = call.words()[i];
    if (!parse_mesh_name(word.value)) continue;
    std::vector<Edit> edits;
    if (i + 1 < call.words().size()) edits.push_back({word.begin, call.words()[i + 1].begin, ""});
    drafts.push_back(draft(Problem::nested_mesh, call, {}, std::move(edits)));
    return;
  }
}

void check_wrapped(const MeshCall& call, std::string_view text, Drafts& drafts) {
  check_nested(call, drafts);
  if (is_quoted_command(call)) return check_quotes(call, drafts);
  if (const auto name = assigned_name(first_wrapped(call))) return check_assignment(call, *name, drafts);
  check_shell_operation(call, text, drafts);
  Drafts sleepy = check_sleepy(call.words(), call.wrapped);
  drafts.insert(drafts.end(), sleepy.begin(), sleepy.end());
}

// A text as it has to be written within quotes of this kind.
std::string within(char quote, std::string_view text) {
  if (quote == '\'') {
    const std::string whole = quoted(text);
    return whole.substr(1, whole.size() - 2);
  }
  std::string result;
  for (const char c : text) {
    if (std::string_view("$`\"\\").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

// Nothing where the edit is not all within the same quotes.
std::optional<Edit> outer_edit(const Edit& edit, const Token& script) {
  const auto behind = std::ranges::find_if(script.pieces, [&](const Piece& piece) { return piece.offset > edit.begin; });
  if (behind == script.pieces.begin()) return std::nullopt;
  const Piece& piece = *std::prev(behind);
  const std::size_t end = behind == script.pieces.end() ? script.value.size() : behind->offset;
  if (piece.quote == '\0' || edit.end > end) return std::nullopt;
  const std::size_t shift = piece.begin - piece.offset;
  return Edit{edit.begin + shift, edit.end + shift, within(piece.quote, edit.text)};
}

}  // namespace

Drafts check_call(const MeshCall& call, std::string_view text, const Surroundings& around) {
  Drafts drafts;
  check_name(call, around, drafts);
  if (around.product == Product::integration) {
    check_integration_flags(call, drafts);
  } else {
    check_applink_flags(call, drafts);
  }
  if (call.has_command()) {
    check_wrapped(call, text, drafts);
  } else {
    const bool stops = around.product == Product::integration;
    drafts.push_back(draft(Problem::no_command, call,
                           {stops ? "it ends at once with exit code 0 and the dyno stops" : "there is no app behind it"},
                           {}));
  }
  check_background(call, text, drafts);
  return drafts;
}

Drafts check_sleepy(const std::vector<Token>& words, std::size_t from) {
  for (std::size_t i = from; i < words.size(); ++i) {
    const std::string_view program = file_name(words[i].value);
    const bool starts = i + 1 < words.size() && words[i + 1].value == "start";
    const bool stays = std::ranges::any_of(words, [](const Token& word) { return word.value == "--no-daemon"; });
    Draft found{Problem::sleepy_child, {words[i].value}, words.front().begin, words.back().end};
    if (program == "pm2" && starts && !stays) {
      found.edits = {{words[i].begin, words[i + 1].end, "pm2-runtime start"}};
    } else if (program == "forever" && starts) {
      found.edits = {{words[i].begin, words[i + 1].end, "forever"}};
    } else if (i > from && (program == "--daemon" || program == "--daemonize=yes" ||
                            (program == "--daemonize" && !(i + 1 < words.size() && words[i + 1].value == "no")) ||
                            (program == "-D" && file_name(words[from].value) == "gunicorn"))) {
      found.edits = {{words[i - 1].end, words[i].end, ""}};
    } else {
      continue;
    }
    return {found};
  }
  return {};
}

bool is_ending(std::string_view word) { return one_of(word, kEndings); }

Draft seen_from_outside(Draft inner, const Token& script, const Command& command) {
  std::vector<Edit> edits;
  for (const Edit& edit : inner.edits) {
    auto outer = outer_edit(edit, script);
    if (outer) edits.push_back(*std::move(outer));
  }
  if (edits.size() != inner.edits.size()) edits.clear();
  return {inner.problem, std::move(inner.words), command.begin, command.end, std::move(edits), inner.severity};
}

std::vector<Edit> without_mesh(const MeshCall& call) {
  if (!call.has_command()) return {};
  return {{call.mesh_word().begin, first_wrapped(call).begin, ""}};
}

}  // namespace mesh::procfile
