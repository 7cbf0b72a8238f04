#include "procfile/text_check.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "procfile/call_checks.h"
#include "procfile/port_checks.h"

namespace mesh::procfile {
namespace {

constexpr int kMaxRounds = 50;
constexpr int kMaxInlineDepth = 3;
constexpr std::size_t kMaxText = 64 * 1024;
// What only the shell itself can do with a program. The mesh can start "env", "nohup" and their like.
constexpr std::array<std::string_view, 2> kShellStarters = {"exec", "command"};

void append(Drafts& drafts, Drafts more) {
  drafts.insert(drafts.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Drafts check_at_depth(std::string_view text, const Scope& outer, const Surroundings& around, int depth) {
  Drafts drafts;
  Scope scope = outer;
  const auto commands = parse_commands(text.substr(0, kMaxText));
  for (const MeshCall& call : find_mesh_calls(commands, scope)) {
    append(drafts, check_call(call, text, around));
    append(drafts, check_ports(call, around));
  }
  for (const Command& command : commands) {
    remember(command, scope);
    const Token* const script = inline_script(command);
    if (script == nullptr || mesh_word_of(command) || depth == kMaxInlineDepth) continue;
    append(drafts, check_early_expansions(command, *script, scope, around));
    for (Draft& draft : check_at_depth(script->value, scope, around, depth + 1)) {
      drafts.push_back(seen_from_outside(std::move(draft), *script, command));
    }
  }
  return drafts;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxInlineDepth
Drafts other_process_at_depth(std::string_view text, const std::string& process, int depth) {
  Drafts drafts;
  const std::string more = process == "release" ? ", and the release phase may never end" : "";
  const auto commands = parse_commands(text.substr(0, kMaxText));
  for (const MeshCall& call : find_mesh_calls(commands, {})) {
    drafts.push_back({Problem::mesh_on_non_web, {process, more}, call.command.begin, call.command.end, without_mesh(call)});
  }
  for (const Command& command : commands) {
    const Token* const script = inline_script(command);
    if (script == nullptr || mesh_word_of(command) || depth == kMaxInlineDepth) continue;
    for (Draft& draft : other_process_at_depth(script->value, process, depth + 1)) {
      drafts.push_back(seen_from_outside(std::move(draft), *script, command));
    }
  }
  return drafts;
}

void apply_edits(std::string& text, std::vector<Edit> edits) {
  std::ranges::stable_sort(edits, {}, &Edit::begin);
  std::string result;
  std::size_t done = 0;
  for (const Edit& edit : edits) {
    if (edit.begin < done || edit.end < edit.begin || edit.end > text.size()) continue;
    result.append(text, done, edit.begin - done);
    result += edit.text;
    done = edit.end;
  }
  text = result.append(text, done);
}

std::size_t line_of(std::string_view text, std::size_t offset) {
  return static_cast<std::size_t>(std::ranges::count(text.substr(0, offset), '\n'));
}

// Lines of a text, counted from 0, the last one included.
std::string lines_between(std::string_view text, std::size_t first, std::size_t last) {
  const auto lines = text::split(text, '\n');
  std::string result;
  for (std::size_t i = first; i <= last && i < lines.size(); ++i) {
    if (i > first) result += '\n';
    result += lines[i].ends_with('\r') ? lines[i].substr(0, lines[i].size() - 1) : lines[i];
  }
  return result;
}

Finding finding_of(const Draft& draft, const Source& source, const std::optional<std::string>& better) {
  Finding finding{draft.problem,
                  draft.severity.value_or(entry(draft.problem).severity),
                  source.file,
                  sentence(draft.problem, draft.words),
                  {}};
  const std::size_t first = line_of(source.text, draft.begin);
  const std::size_t last = line_of(source.text, draft.end);
  const bool whole = source.line.has_value() || !source.lead.empty();
  if (!whole || source.line) finding.place += ":" + std::to_string(source.line.value_or(first + 1));
  if (draft.edits.empty() || !better) return finding;
  const std::string line = whole ? *better : lines_between(*better, first, last);
  finding.instead = source.lead + (source.form == Form::json_string ? write_json(line) : line);
  return finding;
}

// Where the app's own program stands in the last pipeline of a text that is no mere ending: "exit 1" of "npm start || exit
// 1".
const Token* app_program(const std::vector<Command>& commands) {
  const Token* program = nullptr;
  std::string_view before;
  for (const Command& command : commands) {
    const bool goes_on = before == "|" || before == "||";
    if (!command.words.empty() && !goes_on && !is_ending(command.words.front().value)) {
      const auto own = std::ranges::find_if(command.words, [](const Token& word) {
        return std::ranges::find(kShellStarters, word.value) == kShellStarters.end() && !assigned_name(word) &&
               !word.value.starts_with('-');
      });
      if (own != command.words.end() && !own->value.empty()) program = &*own;
    }
    before = command.after;
  }
  return program;
}

}  // namespace

Drafts check_starting_text(std::string_view text, const Scope& scope, const Surroundings& around) {
  return check_at_depth(text, scope, around, 0);
}

Drafts check_other_process(std::string_view text, const std::string& process) {
  return other_process_at_depth(text, process, 0);
}

Draft without_mesh_draft(std::string_view text, const Scope& outer, const Surroundings& around) {
  Draft draft{.problem = Problem::mesh_not_used, .end = text.size()};
  const auto commands = parse_commands(text.substr(0, kMaxText));
  const Token* const program = app_program(commands);
  if (program == nullptr || program->raw.find('\\') != std::string::npos) return draft;  // it is not what was meant
  Scope scope = outer;
  for (const Command& command : commands) {
    remember(command, scope);
    for (const Token& token : command.assignments) scope.insert_or_assign(*assigned_name(token), Binding{});
  }
  const bool known = scope.contains("APP_PORT") || around.config_value("APP_PORT") || around.settings_port;
  const std::string port = known ? "" : "APP_PORT=3000 ";
  const Command& last = *std::ranges::find_if(commands, [&](const Command& c) { return c.end >= program->end; });
  // Behind "exec" only a program may stand, so the assignment goes in front of it.
  draft.edits = {{program->begin, program->begin, std::string(mesh::program(around.product)) + " "}};
  if (!port.empty()) draft.edits.insert(draft.edits.begin(), {last.begin, last.begin, port});
  return draft;
}

std::vector<MeshCall> mesh_calls_in(std::string_view text, const Scope& scope) {
  const auto commands = parse_commands(text.substr(0, kMaxText));
  std::vector<MeshCall> calls = find_mesh_calls(commands, scope);
  for (const Command& command : commands) {
    if (const Token* const script = inline_script(command)) {
      for (MeshCall& call : find_mesh_calls(parse_commands(script->value), scope)) calls.push_back(std::move(call));
    }
  }
  return calls;
}

std::optional<std::string> mended(std::string text, const Rules& rules) {
  for (int round = 0; round < kMaxRounds; ++round) {
    const Drafts drafts = rules(text);
    const auto next = std::ranges::find_if(drafts, [](const Draft& draft) { return !draft.edits.empty(); });
    if (next == drafts.end()) return text;
    apply_edits(text, next->edits);
  }
  return std::nullopt;
}

std::vector<Finding> findings_of(const Source& source, const Rules& rules) {
  std::vector<Finding> findings;
  const Drafts drafts = rules(source.text);
  if (drafts.empty()) return findings;
  const auto better = mended(source.text, rules);
  for (const Draft& draft : drafts) findings.push_back(finding_of(draft, source, better));
  return findings;
}

}  // namespace mesh::procfile
