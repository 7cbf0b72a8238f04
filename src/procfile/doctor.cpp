#include "procfile/doctor.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "procfile/checks.h"
#include "procfile/config_checks.h"
#include "procfile/mesh_yaml.h"
#include "procfile/procfile.h"
#include "procfile/product_choice.h"
#include "procfile/rendering.h"

namespace mesh::procfile {
namespace {

constexpr std::size_t kMaxFindings = 100;

// APP_PORT, where the app's own .profile sets it: the platform runs that before it starts a process.
Scope set_by_profile(const App& app) {
  Scope scope;
  std::vector<std::string> paths;
  for (const std::string& name : app.list(".profile.d")) {
    if (name.ends_with(".sh")) paths.push_back(".profile.d/" + name);
  }
  paths.emplace_back(".profile");
  for (const std::string& path : paths) {
    for (const Command& command : parse_shell(app.read(path).value_or("")).commands) remember(command, scope);
  }
  std::erase_if(scope, [](const auto& variable) { return variable.first != "APP_PORT"; });
  return scope;
}

// Whether a file that names commands for a tool names the mesh.
bool is_named_in_manifest(const App& app) {
  constexpr std::array<std::string_view, 5> kManifests = {"Pipfile", "pyproject.toml", "composer.json", "deno.json",
                                                          "Makefile"};
  return std::ranges::any_of(kManifests, [&](std::string_view path) {
    return app.read(path).value_or("").find("-service-mesh") != std::string::npos;
  });
}

// Where the commands of a text run; the root first.
std::vector<std::string> directories_of(std::string_view text) {
  constexpr std::size_t kMaxDirectories = 9;
  std::vector<std::string> directories = {""};
  for (const Command& command : parse_shell(text).commands) {
    const bool known = std::ranges::find(directories, command.directory) != directories.end();
    if (!known && directories.size() < kMaxDirectories) directories.push_back(command.directory);
  }
  return directories;
}

// A command and what is before it in its line: "cd", "export".
struct Line {
  Leaf leaf;
  std::string before;
  std::vector<Token> lost_assignments;  // of APP_PORT, to a command before it
};

// The simple command of a text that runs the app; nullopt where there is more than that.
std::optional<Line> line_of(const Source& source, Scope scope) {
  const ShellText text = parse_shell(source.text, source.directory);
  if (!text.is_simple()) return std::nullopt;
  Line line;
  for (const Command& command : text.commands) {
    if (&command == &text.commands.back()) break;
    remember(command, scope);
    std::string words;
    for (const Token& token : command.assignments) {
      const bool is_lost = !command.words.empty() && assigned_name(token) == "APP_PORT";
      if (is_lost) line.lost_assignments.push_back(token);
      if (!is_lost) words += token.raw + " ";
    }
    for (const Token& token : command.words) words += token.raw + " ";
    if (!words.empty()) words.pop_back();
    line.before += words + (command.after == ";" ? "; " : " " + command.after + " ");
  }
  const Command& command = text.commands.back();
  line.leaf = {command, started_program(command.words, 0), scope, std::make_shared<const Source>(source), true, false};
  return line;
}

// The line of a file that consists of this command alone.
bool is_whole_line(const Leaf& leaf) {
  const auto lines = text::split(leaf.source->text, '\n');
  if (leaf.command.line > lines.size()) return false;
  const std::string_view text = leaf.source->text;
  return text::trim(lines[leaf.command.line - 1]) == text.substr(leaf.command.begin, leaf.command.end - leaf.command.begin);
}

class Examination {
 public:
  explicit Examination(App app) : app_(std::move(app)) {}

  Checkup run();

 private:
  void check_file(const ProcfileText&);
  void check_web(const Entry&);
  void check_started(const Leaf&);
  void check_branches(const Walk&);
  void check_unwrapped(const Source&, const std::vector<Slip>&);
  void check_other(const Entry&);
  void note_sources(const MeshCall&, const Leaf&);
  std::string instead_of(const Leaf&, MeshCall);
  std::vector<Entry> entries_as_they_should_be(std::vector<Entry>) const;

  void add(const Slip& slip, const std::string& place, const std::string& instead) {
    const Severity severity = slip.severity.value_or(entry(slip.problem).severity);
    add({{slip.problem, severity, place, sentence(slip.problem, slip.words), instead}});
  }
  void add(std::vector<Finding> findings) {
    for (Finding& finding : findings) {
      if (checkup_.findings.size() >= kMaxFindings) return;
      // A line without its credentials would not work, and one with them is not printed.
      const bool goes_on = finding.instead.ends_with('\\');  // it would be a continued line again
      if (goes_on || without_secrets(finding.instead) != finding.instead) finding.instead.clear();
      checkup_.findings.push_back(std::move(finding));
    }
  }

  App app_;
  Scope at_start_ = {};  // what the shell knows before it starts a process
  const Entry* web_ = nullptr;
  std::string web_instead_ = {};                            // its line without mistakes; empty where that is not known
  std::map<std::size_t, std::string> others_instead_ = {};  // by line: the command without mistakes
  Checkup checkup_;
};

Checkup Examination::run() {
  const auto procfile = read_procfile(app_);
  const ProcfileText file = procfile.value_or(ProcfileText{});
  const std::vector<Entry> entries = parse_procfile(file.text);
  web_ = web_entry(entries);
  app_.product = checkup_.product = choose_product(app_).product;

  const MeshYaml yaml = check_settings_files(app_, directories_of(web_ == nullptr ? "" : web_->command));
  app_.settings_port = yaml.port;
  at_start_ = set_by_profile(app_);

  if (!procfile) {
    add({make_finding(Problem::procfile_missing, "Procfile")});
  } else if (file.is_unreadable || file.is_misnamed || file.is_utf16) {
    check_file(file);
  } else if (web_ == nullptr) {
    checkup_.web = WebProcess::missing;
    add({make_finding(Problem::web_missing, "Procfile")});
  } else {
    check_web(*web_);
  }
  if (procfile && !file.is_unreadable && !file.is_misnamed && !file.is_utf16) {
    for (const Entry& entry : entries) {
      if (&entry != web_ && !text::equals_ignoring_case(entry.name, "web")) check_other(entry);
    }
    std::vector<Finding> of_commands = std::exchange(checkup_.findings, {});
    add(check_grammar(file.text, entries_as_they_should_be(entries)));
    add(std::move(of_commands));
  }
  std::vector<Finding> config = check_config(app_);
  // Without a mesh nothing needs the add-on.
  std::erase_if(config, [&](const Finding& finding) {
    return finding.problem == Problem::addon_vars_missing && checkup_.web != WebProcess::wrapped;
  });
  add(std::move(config));
  add(yaml.findings);
  return std::move(checkup_);
}

void Examination::check_file(const ProcfileText& file) {
  if (file.is_unreadable) {
    checkup_.web = WebProcess::unknown;
    add({make_finding(Problem::procfile_unreadable, "Procfile")});
  } else if (file.is_misnamed) {
    add({make_finding(Problem::procfile_misnamed, file.file, {file.file}, "git mv " + file.file + " Procfile")});
  } else {
    checkup_.web = WebProcess::missing;
    add({make_finding(Problem::procfile_encoding, "Procfile:1")});
  }
}

void Examination::check_web(const Entry& entry) {
  checkup_.web_command = entry.command;
  std::vector<Slip> typography;
  const Source source{
      .file = "Procfile", .text = without_typography(entry.command, typography), .line = entry.line, .lead = "web: "};
  const Walk walked = walk(source, at_start_, app_);
  const auto starts = [](const Leaf& leaf) { return starts_mesh(leaf.command, leaf.scope); };
  const auto surely_starts = [&](const Leaf& leaf) { return starts(leaf) && !leaf.conditional && !leaf.command.condition; };
  const bool is_called = std::ranges::any_of(walked.leaves, surely_starts);
  const bool may_be = walked.unknown || std::ranges::any_of(walked.leaves, starts) || is_named_in_manifest(app_);
  checkup_.web = is_called ? WebProcess::wrapped : (may_be ? WebProcess::unknown : WebProcess::unwrapped);
  if (!entry.second_name.empty()) typography.insert(typography.begin(), {Problem::double_key, {entry.second_name}});
  if (entry.continued) typography.push_back({Problem::continued_line});
  if (checkup_.web == WebProcess::unwrapped) {
    check_unwrapped(source, typography);
  } else {
    const auto line = line_of(source, at_start_);
    if (line && starts(line->leaf)) {
      web_instead_ = instead_of(line->leaf, take_apart(line->leaf.command, line->leaf.scope, app_));
    } else {
      web_instead_ = source.lead + source.text;
    }
    for (const Slip& slip : typography) add(slip, place_of(entry), web_instead_);
  }
  for (const Leaf& leaf : walked.leaves) {
    if (surely_starts(leaf)) check_started(leaf);
  }
  if (checkup_.web == WebProcess::unknown) {
    const std::string_view construct = walked.construct.empty() ? "a program that the doctor cannot read" : walked.construct;
    add({make_finding(Problem::cannot_tell, place_of(entry), {construct})});
    checkup_.chooses_app_port = true;  // or so it may be
    check_branches(walked);
  }
  if (entry.name != "web") checkup_.web = WebProcess::missing;
}

// A command that surely starts the mesh.
void Examination::check_started(const Leaf& leaf) {
  const MeshCall call = take_apart(leaf.command, leaf.scope, app_);
  std::vector<Slip> slips = check_call(call, leaf, app_);
  for (Slip& slip : check_text_around(call, leaf, app_)) slips.push_back(std::move(slip));
  const std::string instead = slips.empty() ? "" : instead_of(leaf, call);
  for (const Slip& slip : slips) {
    add(slip, leaf.place(), instead);
    using enum Problem;
    const bool is_not_started = slip.problem == mesh_misspelled || slip.problem == malformed_assignment ||
                                slip.problem == export_without_and || slip.problem == mesh_path;
    if (is_not_started) checkup_.web = WebProcess::unwrapped;
  }
  if (leaf.source->file == "Procfile" && !slips.empty()) web_instead_ = instead;
  add(check_set_variables(call.assignments, leaf.place()));
  const AppPort::From from = app_port_of(call.assignments, leaf.scope, app_).from;
  using enum AppPort::From;
  checkup_.chooses_app_port = checkup_.chooses_app_port || from == command || from == shell || from == settings_file;
  note_sources(call, leaf);
}

// Sources that read PORT, where the mesh listens.
void Examination::note_sources(const MeshCall& call, const Leaf& leaf) {
  for (const Wrapped::Program& program : wrapped_of(call, leaf, app_).programs) {
    if (const auto place = place_that_reads_port(program, app_)) add({make_finding(Problem::app_ignores_app_port, *place)});
  }
}

// Branches beside one that starts the mesh.
void Examination::check_branches(const Walk& walked) {
  for (const Leaf& leaf : walked.leaves) {
    const auto beside = [&](const Leaf& other) {
      return starts_mesh(other.command, other.scope) && other.source->text == leaf.source->text;
    };
    const bool is_local = leaf.source->text.find("DYNO") != std::string::npos;
    if (is_local || starts_mesh(leaf.command, leaf.scope) || std::ranges::none_of(walked.leaves, beside)) continue;
    if (!serves_public_port(leaf, app_)) continue;
    const std::string program(file_name(leaf.command.words[leaf.started.program].value));
    add({make_finding(Problem::branch_without_mesh, leaf.place(), {program})});
  }
}

void Examination::check_unwrapped(const Source& source, const std::vector<Slip>& typography) {
  const auto line = line_of(source, at_start_);
  if (line) web_instead_ = instead_of(line->leaf, take_apart(line->leaf.command, line->leaf.scope, app_));
  const std::string place = source.file + ":" + std::to_string(source.line.value_or(1));
  for (const Slip& slip : typography) add(slip, place, web_instead_);
  add({make_finding(Problem::mesh_not_used, place, {}, web_instead_)});
}

// The line to write instead of the one that the command is in; empty where that is not known.
std::string Examination::instead_of(const Leaf& leaf, MeshCall call) {
  const Source& source = *leaf.source;
  const bool is_script = !source.line && source.form == Form::plain;
  const auto line = line_of(source, at_start_);
  if (source.nested || (is_script ? !is_whole_line(leaf) : !line)) return "";
  if (line && !is_script) {
    const auto sets = [](const Token& token) { return assigned_name(token) == "APP_PORT"; };
    if (std::ranges::none_of(call.assignments, sets)) {
      call.assignments.insert(call.assignments.begin(), line->lost_assignments.begin(), line->lost_assignments.end());
    }
  }
  const auto right = corrected(std::move(call), leaf, app_);
  if (!right) return "";
  const std::string text = (is_script ? "" : line->before) + right->text();
  return source.lead + (source.form == Form::json_string ? write_json(text) : text);
}

// The mesh in a process that gets no requests.
void Examination::check_other(const Entry& entry) {
  const Source source{.file = "Procfile", .text = entry.command, .line = entry.line, .lead = entry.name + ": "};
  std::string instead = source.lead + entry.command;
  const auto line = line_of(source, at_start_);
  std::vector<Slip> slips;
  for (const Command& command : parse_shell(entry.command).commands) {
    const Started started = started_program(command.words, 0);
    bool starts = starts_mesh(command, at_start_) && !command.conditional;
    if (started.script) {
      for (const Command& inner : parse_shell(*started.script).commands) starts = starts || starts_mesh(inner, at_start_);
    }
    if (!starts) continue;
    instead.clear();
    if (line && !started.script) {
      const auto right = without_mesh(take_apart(command, line->leaf.scope, app_));
      if (right) instead = source.lead + line->before + right->text();
    }
    slips.push_back(
        {Problem::mesh_on_non_web, {entry.name, entry.name == "release" ? ", and the release phase never ends" : ""}});
    break;
  }
  if (!entry.second_name.empty()) slips.push_back({Problem::double_key, {entry.second_name}});
  if (entry.continued) slips.push_back({Problem::continued_line});
  for (const Slip& slip : slips) add(slip, place_of(entry), instead);
  others_instead_[entry.line] = instead.empty() ? "" : instead.substr(source.lead.size());
}

// Their commands as they are when everything is put right; empty where that is not known.
std::vector<Entry> Examination::entries_as_they_should_be(std::vector<Entry> entries) const {
  for (Entry& entry : entries) {
    const bool is_web = web_ != nullptr && entry.line == web_->line;
    if (is_web) entry.command = web_instead_.substr(std::min(web_instead_.size(), std::string_view("web: ").size()));
    const auto other = others_instead_.find(entry.line);
    if (other != others_instead_.end()) entry.command = other->second;
  }
  return entries;
}

}  // namespace

std::string_view name(WebProcess web) {
  switch (web) {
    case WebProcess::wrapped: return "wrapped";
    case WebProcess::unwrapped: return "unwrapped";
    case WebProcess::missing: return "missing";
    case WebProcess::no_procfile: return "no-procfile";
    case WebProcess::unknown: return "unknown";
  }
  return "unknown";
}

std::vector<std::string> Checkup::mistakes() const {
  std::vector<std::string> ids;
  for (const Finding& finding : findings) {
    if (is_mistake(finding)) ids.emplace_back(entry(finding.problem).id);
  }
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

Checkup examine(const App& app) { return Examination(app).run(); }

}  // namespace mesh::procfile
