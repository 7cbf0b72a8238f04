#include "buildpack/doctor/doctor.h"

#include <algorithm>
#include <array>
#include <utility>

#include "buildpack/doctor/checks.h"
#include "buildpack/doctor/rendering.h"
#include "buildpack/doctor/settings_checks.h"
#include "buildpack/procfile/procfile.h"
#include "common/json.h"
#include "common/text.h"

namespace mesh::buildpack::doctor {

using procfile::App;
using procfile::assigned_name;
using procfile::Command;
using procfile::Entry;
using procfile::exported;
using procfile::file_name;
using procfile::one_of;
using procfile::parse_procfile;
using procfile::parse_shell;
using procfile::place_of;
using procfile::ProcfileText;
using procfile::read_procfile;
using procfile::remember;
using procfile::Scope;
using procfile::ShellText;
using procfile::syntax_error;
using procfile::Token;
using procfile::tokenize;
using procfile::web_entry;
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
  scope.has_unknown = false;
  return scope;
}

// Whether a file that names commands for a tool names the mesh.
bool is_named_in_manifest(const App& app) {
  constexpr std::string_view kManifests = "Pipfile pyproject.toml composer.json deno.json Makefile";
  return std::ranges::any_of(text::split(kManifests, ' '), [&](std::string_view path) {
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

// A call of the mesh, and the text before it in its line: "cd api && ".
struct Line {
  std::string before;
  MeshCall call;
  Leaf leaf;
};

// Corrects an APP_PORT that the mesh does not see. One for another command is moved to the mesh; one of the shell is
// exported.
Line with_app_port(Line line, const std::vector<Command>& commands) {
  const auto sets_port = [](const Token& token) { return assigned_name(token) == "APP_PORT"; };
  const Command& first = commands.front();
  const auto lost = std::ranges::find_if(first.assignments, sets_port);
  if (!first.words.empty() && lost != first.assignments.end()) {
    line.before.erase(lost->begin, lost->end - lost->begin + 1);
    auto& assignments = line.call.assignments;
    if (std::ranges::none_of(assignments, sets_port)) assignments.insert(assignments.begin(), *lost);
    return line;
  }
  const auto sets = [&](const Command& one) { return one.words.empty() && std::ranges::any_of(one.assignments, sets_port); };
  const auto setter = std::ranges::find_if(commands, sets);
  const auto bound = line.leaf.scope.find("APP_PORT");
  if (setter == commands.end() || bound == line.leaf.scope.end() || bound->second.exported) return line;
  line.before.insert(setter->begin, "export ");
  bound->second.exported = true;
  return line;
}

// The simple command of a text that runs the app; nullopt where there is more than that.
std::optional<Leaf> only_command(const Source& source, Scope scope) {
  const ShellText text = parse_shell(source.text, source.directory);
  if (!text.is_simple()) return std::nullopt;
  for (const Command& command : text.commands) {
    if (&command != &text.commands.back()) remember(command, scope);
  }
  const Command& command = text.commands.back();
  return Leaf{command, started_program(command.words), scope, std::make_shared<const Source>(source)};
}

// Returns the word that the shell takes for a program in a line of a Dockerfile: CMD ["npm", "start"]; empty in other lines.
std::string docker_word(const std::string& command) {
  const auto tokens = tokenize(command);
  if (tokens.empty()) return "";
  const auto list = command.starts_with("[\"") ? parse_json(command) : std::nullopt;
  return one_of(tokens[0].raw, "CMD ENTRYPOINT") || (list && list->is_array()) ? tokens[0].value : "";
}

bool calls_mesh(const Leaf& leaf) { return starts_mesh(leaf.command, leaf.scope); }
bool surely_calls_mesh(const Leaf& leaf) { return calls_mesh(leaf) && !leaf.conditional; }

class Examination {
 public:
  explicit Examination(App app) : app_(std::move(app)) {}

  Checkup run() {
    app_.product = checkup_.product = choose_product(app_).product;
    at_start_ = set_by_profile(app_);
    const auto procfile = read_procfile(app_);
    const std::vector<Entry> entries = parse_procfile(procfile.value_or(ProcfileText{}).text);
    const Entry* const web = web_entry(entries);
    const MeshYaml yaml = check_settings_files(app_, directories_of(web == nullptr ? "" : web->command));
    app_.settings_port = yaml.port;
    if (procfile) {
      check_procfile(*procfile);
    } else {
      add({make_finding(Problem::procfile_missing, "Procfile")});
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

 private:
  // Findings of the same place, for which the same is to be written instead.
  void add(std::vector<Finding> findings, const std::string& place, const std::string& suggestion) {
    for (Finding& finding : findings) {
      finding.location = place;
      finding.suggestion = suggestion;
    }
    add(std::move(findings));
  }
  void add(std::vector<Finding> findings) {
    for (Finding& finding : findings) {
      if (checkup_.findings.size() >= kMaxFindings) return;
      // A line without its credentials would not work, and one with them is not printed.
      const bool would_continue = finding.suggestion.ends_with('\\');  // it would be a continued line again
      if (would_continue || without_secrets(finding.suggestion) != finding.suggestion) finding.suggestion.clear();
      checkup_.findings.push_back(std::move(finding));
    }
  }

  void check_procfile(const ProcfileText& file) {
    if (file.is_unreadable) {
      checkup_.web = WebProcess::unknown;
      return add({make_finding(Problem::procfile_unreadable, "Procfile")});
    }
    if (file.is_misnamed) {
      return add({make_finding(Problem::procfile_misnamed, file.file, {file.file}, "git mv " + file.file + " Procfile")});
    }
    checkup_.web = WebProcess::missing;
    if (file.is_utf16) return add({make_finding(Problem::procfile_encoding, "Procfile:1")});
    std::vector<Entry> entries = parse_procfile(file.text);
    const Entry* const web = web_entry(entries);
    if (web == nullptr) add({make_finding(Problem::web_missing, "Procfile")});
    if (web != nullptr) check_web(entries[static_cast<std::size_t>(web - entries.data())]);
    for (Entry& entry : entries) {
      if (!text::equals_ignoring_case(entry.name, "web")) check_other(entry);
    }
    std::vector<Finding> of_commands = std::exchange(checkup_.findings, {});
    add(check_grammar(file.text, entries));
    add(std::move(of_commands));
  }

  // Leaves the entry's command as it should be; empty where that is not known.
  void check_web(Entry& entry) {
    checkup_.web_command = entry.command;
    if (const std::string word = docker_word(entry.command); !word.empty()) {
      checkup_.web = entry.name == "web" ? WebProcess::unwrapped : WebProcess::missing;
      entry.command.clear();
      return add({make_finding(Problem::docker_syntax, place_of(entry), {word})});
    }
    auto [text, findings] = without_typography(entry.command);
    const std::string_view rejected = entry.continued || !findings.empty() ? "" : syntax_error(text);
    if (!rejected.empty()) {
      checkup_.web = WebProcess::unwrapped;
      return add({make_finding(Problem::shell_syntax, place_of(entry), {rejected})});
    }
    const Source source{.file = "Procfile", .text = text, .line = entry.line, .lead = "web: "};
    const Walk walked = walk(source, at_start_, app_);
    const bool is_called = std::ranges::any_of(walked.leaves, surely_calls_mesh);
    const bool may_be = walked.unknown || std::ranges::any_of(walked.leaves, calls_mesh) || is_named_in_manifest(app_);
    checkup_.web = is_called ? WebProcess::wrapped : (may_be ? WebProcess::unknown : WebProcess::unwrapped);
    const bool is_unwrapped = checkup_.web == WebProcess::unwrapped;
    if (is_unwrapped) findings.push_back(make_finding(Problem::mesh_not_used, ""));
    const auto only = only_command(source, at_start_);
    entry.command = source.text;
    if (is_unwrapped || (only && calls_mesh(*only))) {
      const std::string suggestion = only ? suggestion_for(*only) : "";
      entry.command = suggestion.substr(std::min(suggestion.size(), source.lead.size()));
    }
    add(std::move(findings), place_of(entry), entry.command.empty() ? "" : source.lead + entry.command);
    for (const Leaf& leaf : walked.leaves) {
      if (surely_calls_mesh(leaf)) check_started(leaf, entry);
    }
    if (checkup_.web == WebProcess::unknown) {
      const std::string_view construct =
          walked.construct.empty() ? "a program that the doctor cannot read" : walked.construct;
      add({make_finding(Problem::cannot_tell, place_of(entry), {construct})});
      checkup_.chooses_app_port = true;  // or so it may be
      check_branches(walked);
    }
    if (entry.name != "web") checkup_.web = WebProcess::missing;
  }

  // A command that surely starts the mesh.
  void check_started(const Leaf& leaf, Entry& web) {
    const MeshCall call = take_apart(leaf.command, leaf.scope, app_);
    const std::vector<Program> programs = programs_behind(call, leaf, app_);
    std::vector<Finding> findings = check_call(call, programs, leaf, app_);
    for (Finding& finding : check_text_around(call, leaf, app_)) findings.push_back(std::move(finding));
    using enum Problem;
    for (const Problem problem : {mesh_misspelled, malformed_assignment, export_without_and, mesh_path, mesh_behind_npx}) {
      if (has_problem(findings, problem)) checkup_.web = WebProcess::unwrapped;
    }
    if (!findings.empty()) {
      const std::string suggestion = suggestion_for(leaf);
      if (leaf.source->file == "Procfile")
        web.command = suggestion.empty() ? "" : suggestion.substr(leaf.source->lead.size());
      add(std::move(findings), leaf.place(), suggestion);
    }
    add(check_set_variables(exported(leaf.scope, call.assignments), leaf.place()));
    using enum AppPort::From;
    const AppPort port = app_port_of(call.assignments, leaf.scope, app_);
    const AppPort::From from = port.from;
    checkup_.chooses_app_port = checkup_.chooses_app_port || from == command || from == shell || from == settings_file;
    for (const Program& program : programs) add(check_source(program, port));
  }

  // Branches beside one that starts the mesh.
  void check_branches(const Walk& walked) {
    for (const Leaf& leaf : walked.leaves) {
      const auto beside = [&](const Leaf& other) { return calls_mesh(other) && other.source == leaf.source; };
      const bool is_local = leaf.source->text.find("DYNO") != std::string::npos;
      if (is_local || calls_mesh(leaf) || std::ranges::none_of(walked.leaves, beside)) continue;
      if (!serves_public_port(leaf, app_)) continue;
      const std::string program(file_name(leaf.command.words[leaf.started.program].value));
      add({make_finding(Problem::branch_without_mesh, leaf.place(), {program})});
    }
  }

  // The line to write instead of the one that the command is in; empty where that is not known.
  std::string suggestion_for(const Leaf& leaf) const {
    const Source& source = *leaf.source;
    const std::size_t begin = source.text.rfind('\n', leaf.command.begin) + 1;
    const std::string line = source.text.substr(begin, source.text.find('\n', begin) - begin);
    const ShellText text = parse_shell(line, leaf.command.directory);
    if (source.nested || !text.is_simple() || text.commands.back().end != leaf.command.end - begin) return "";
    if (source.in_json && line.size() < source.text.size()) return "";
    if (std::ranges::any_of(text.commands, is_malformed_export)) return "";
    Line known{line.substr(0, leaf.command.begin - begin), take_apart(leaf.command, leaf.scope, app_), leaf};
    if (text.commands.size() > 1) known = with_app_port(std::move(known), text.commands);
    const auto right = corrected(std::move(known.call), known.leaf, app_);
    if (!right) return "";
    const std::string better(text::trim(known.before + right->text()));
    return source.lead + (source.in_json ? write_json(better) : better);
  }

  // Finds the mesh in a process that gets no requests. Leaves the entry's command as check_web does.
  void check_other(Entry& entry) {
    bool starts = false;
    for (const Command& command : parse_shell(entry.command).commands) {
      starts = starts || (starts_mesh(command, at_start_) && !command.conditional);
      for (const Command& inner : parse_shell(started_program(command.words).script.value_or("")).commands) {
        starts = starts || starts_mesh(inner, at_start_);
      }
    }
    if (!starts) return;
    const std::string_view also = entry.name == "release" ? ", and the release phase never ends" : "";
    const auto only = only_command({.file = "Procfile", .text = entry.command}, at_start_);
    const bool is_call = only && calls_mesh(*only);
    const auto right = is_call ? without_mesh(take_apart(only->command, only->scope, app_)) : std::nullopt;
    entry.command = right ? entry.command.substr(0, only->command.begin) + right->text() : "";
    add({make_finding(Problem::mesh_on_non_web, place_of(entry), {entry.name, also},
                      right ? entry.name + ": " + entry.command : "")});
  }

  App app_;
  Scope at_start_ = {};  // what the shell knows before it starts a process
  Checkup checkup_;
};

}  // namespace

std::string_view name(WebProcess web) {
  constexpr std::array<std::string_view, 5> kNames = {"wrapped", "unwrapped", "missing", "no-procfile", "unknown"};
  return kNames.at(static_cast<std::size_t>(web));
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

}  // namespace mesh::buildpack::doctor
