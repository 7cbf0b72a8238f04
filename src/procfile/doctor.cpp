#include "procfile/doctor.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "procfile/app_port.h"
#include "procfile/config_checks.h"
#include "procfile/mesh_yaml.h"
#include "procfile/port_checks.h"
#include "procfile/procfile.h"
#include "procfile/product_choice.h"
#include "procfile/scripts.h"
#include "procfile/source_port.h"
#include "procfile/text_check.h"

namespace mesh::procfile {
namespace {

constexpr std::size_t kMaxFindings = 100;

// A command of the web process with what the shell knows before it, exports alone.
struct Started {
  Command command;
  Scope scope;
};

// `scope` is what the shell knows before the text.
void add_started(std::string_view text, std::string_view directory, Scope scope, std::vector<Started>& started) {
  constexpr std::size_t kMaxStarted = 50;
  for (Command& command : parse_commands(text, directory)) {
    if (started.size() >= kMaxStarted) return;
    remember(command, scope);
    Scope seen;
    for (const auto& [name, binding] : scope) {
      if (binding.exported) seen.insert_or_assign(name, binding);
    }
    for (const Token& token : command.assignments) seen.insert_or_assign(*assigned_name(token), exported_binding_of(token));
    started.push_back({std::move(command), std::move(seen)});
  }
}

// Those of "sh -c '...'" stand behind their shell.
std::vector<Started> started_by(std::string_view text, std::string_view directory, const Scope& scope) {
  std::vector<Started> started;
  add_started(text, directory, scope, started);
  for (std::size_t i = 0; i < started.size(); ++i) {
    const Started shell = started[i];
    const Token* const script = inline_script(shell.command);
    if (script != nullptr) add_started(script->value, shell.command.directory, shell.scope, started);
  }
  return started;
}

// APP_PORT, where the app's own .profile sets it: the platform runs that before it starts a process.
Scope set_by_profile(const App& app) {
  Scope scope;
  std::vector<std::string> paths;
  for (const std::string& name : app.list(".profile.d")) {
    if (name.ends_with(".sh")) paths.push_back(".profile.d/" + name);
  }
  paths.emplace_back(".profile");
  for (const std::string& path : paths) {
    for (const Command& command : parse_commands(app.read(path).value_or(""))) remember(command, scope);
  }
  std::erase_if(scope, [](const auto& variable) { return variable.first != "APP_PORT"; });
  return scope;
}

// Whether a command tells its program where to listen: --port 3000, env PORT=3000.
bool is_given_port(const std::vector<Token>& words, std::size_t from) {
  const auto sets_port = [](const Token& word) { return assigned_name(word) == "PORT"; };
  return !port_arguments(words, from).empty() ||
         std::any_of(words.begin() + static_cast<std::ptrdiff_t>(from), words.end(), sets_port);
}

// Where the commands of a text run; the root first.
std::vector<std::string> directories_of(std::string_view text) {
  constexpr std::size_t kMaxDirectories = 9;
  std::vector<std::string> directories = {""};
  for (const Command& command : parse_commands(text)) {
    const bool known = std::ranges::find(directories, command.directory) != directories.end();
    if (!known && directories.size() < kMaxDirectories) directories.push_back(command.directory);
  }
  return directories;
}

bool speaks_of_mesh(std::string_view text) {
  return text.find(program(Product::integration)) != std::string_view::npos ||
         text.find(program(Product::applink)) != std::string_view::npos;
}

class Examination {
 public:
  explicit Examination(const App& app) : app_(app) {}

  Checkup run();

 private:
  void check_web(const Entry&);
  void check_launched(const std::vector<Started>&);
  void note_app_port(const MeshCall&);
  void check_wrapped(const MeshCall&);
  void check_others(const std::vector<Entry>&, const Entry* web);
  std::vector<Entry> mended_entries(std::vector<Entry>) const;

  Rules starting_rules(Scope scope) const {
    return [this, scope = std::move(scope)](std::string_view text) { return check_starting_text(text, scope, around_); };
  }
  // For a web process that no mesh stands before.
  Rules unwrapped_rules() const {
    return [this](std::string_view text) {
      if (!mesh_calls_in(text, at_start_).empty()) return check_starting_text(text, at_start_, around_);
      return Drafts{without_mesh_draft(text, at_start_, around_)};
    };
  }
  void add(std::vector<Finding> findings) {
    for (Finding& finding : findings) {
      if (checkup_.findings.size() >= kMaxFindings) return;
      // A line without its credentials would not work, and one with them is not printed.
      if (text::redact(finding.instead) != finding.instead) finding.instead.clear();
      checkup_.findings.push_back(std::move(finding));
    }
  }
  Source source_of(const Entry& entry) const {
    const bool web = &entry == web_;
    return {.file = "Procfile", .text = entry.command, .line = entry.line, .lead = (web ? "web" : entry.name) + ": "};
  }

  const App& app_;
  Surroundings around_ = {};
  Scope at_start_ = {};  // what the shell knows before it starts a process
  const Entry* web_ = nullptr;
  Rules web_rules_ = [](std::string_view) { return Drafts{}; };
  Checkup checkup_;
};

Checkup Examination::run() {
  const auto text = app_.read("Procfile");
  const std::vector<Entry> entries = parse_procfile(text.value_or(""));
  web_ = web_entry(entries);
  around_ = {choose_product(app_).product, app_.arch, app_.config, {}};
  checkup_.product = around_.product;

  const std::vector<std::string> directories = directories_of(web_ == nullptr ? "" : web_->command);
  const MeshYaml yaml = check_settings_files(app_, directories, around_);
  around_.settings_port = yaml.port;
  at_start_ = set_by_profile(app_);

  checkup_.web = text ? WebProcess::missing : WebProcess::no_procfile;
  if (!text) add({make_finding(Problem::procfile_missing, "Procfile")});
  if (web_ != nullptr) {
    check_web(*web_);
  } else if (text) {
    add({make_finding(Problem::web_missing, "Procfile")});
  }
  check_others(entries, web_);
  if (text) {
    std::vector<Finding> of_commands = std::exchange(checkup_.findings, {});
    add(check_grammar(*text, mended_entries(entries)));
    add(std::move(of_commands));
  }
  // Without a mesh nothing needs the add-on.
  const auto beside_the_point = [&](const Finding& finding) {
    return finding.problem == Problem::addon_vars_missing && checkup_.web != WebProcess::wrapped;
  };
  std::vector<Finding> config = check_config(around_);
  std::erase_if(config, beside_the_point);
  add(std::move(config));
  add(yaml.findings);
  return std::move(checkup_);
}

void Examination::check_web(const Entry& entry) {
  checkup_.web_command = entry.command;
  const Source source = source_of(entry);
  const auto calls = mesh_calls_in(entry.command, at_start_);
  checkup_.web = WebProcess::wrapped;
  if (calls.empty()) check_launched(started_by(entry.command, "", at_start_));
  web_rules_ = checkup_.web == WebProcess::unwrapped ? unwrapped_rules() : starting_rules(at_start_);
  if (!entry.second_name.empty()) {
    add({make_finding(Problem::double_key, place_of(entry), {entry.second_name},
                      source.lead + mended(entry.command, web_rules_).value_or(entry.command))});
  }
  add(findings_of(source, web_rules_));
  for (const MeshCall& call : calls) {
    add(check_set_variables(call.assignments, place_of(entry)));
    note_app_port(call);
    check_wrapped(call);
  }
  if (entry.name != "web") checkup_.web = WebProcess::missing;
}

// Scripts that start the mesh themselves.
void Examination::check_launched(const std::vector<Started>& all) {
  checkup_.web = WebProcess::unwrapped;
  for (const Started& started : all) {
    for (const Source& script : started_texts(started.command, 0, app_)) {
      const auto calls = mesh_calls_in(script.text, started.scope);
      if (calls.empty()) continue;
      checkup_.web = WebProcess::wrapped;
      add(findings_of(script, starting_rules(started.scope)));
      for (const MeshCall& call : calls) {
        add(check_set_variables(call.assignments, script.file));
        note_app_port(call);
      }
    }
    // A program in another language that names the mesh is taken to start it.
    for (const std::string& path : named_files(started.command, 0, app_)) {
      const auto content = app_.read(path);
      if (content && content->starts_with("#!") && !path.ends_with(".sh") && speaks_of_mesh(*content)) {
        checkup_.web = WebProcess::wrapped;
        checkup_.chooses_app_port = true;  // or so it may be
      }
    }
  }
}

void Examination::note_app_port(const MeshCall& call) {
  const AppPort::From from = app_port_of(call, around_).from;
  using enum AppPort::From;
  checkup_.chooses_app_port = checkup_.chooses_app_port || from == command || from == shell || from == settings_file;
}

// Their commands as they are when everything that can be mended in them is.
std::vector<Entry> Examination::mended_entries(std::vector<Entry> entries) const {
  for (Entry& entry : entries) {
    const Rules others = [&](std::string_view text) { return check_other_process(text, entry.name); };
    const Rules& rules = text::equals_ignoring_case(entry.name, "web") ? web_rules_ : others;
    entry.command = mended(entry.command, rules).value_or(entry.command);
  }
  return entries;
}

// Scripts that the mesh starts, and sources that choose the app's port.
void Examination::check_wrapped(const MeshCall& call) {
  if (!call.has_command()) return;
  const AppPort port = app_port_of(call, around_);
  const Scope scope = scope_of_wrapped(call);
  bool port_chosen = is_given_port(call.words(), call.wrapped) || inline_script(call.words(), call.wrapped) != nullptr;
  for (const Source& script : started_texts(call.command, call.wrapped, app_)) {
    add(findings_of(script, [&](std::string_view text) { return check_wrapped_text(text, scope, port, around_); }));
    for (const Started& started : started_by(script.text, script.directory, {})) {
      port_chosen = port_chosen || started.scope.contains("PORT") || is_given_port(started.command.words, 0);
      if (!port_chosen) add(check_app_sources(named_files(started.command, 0, app_), app_));
    }
  }
  if (!port_chosen && !scope.contains("PORT")) add(check_app_sources(named_files(call.command, call.wrapped, app_), app_));
}

void Examination::check_others(const std::vector<Entry>& entries, const Entry* web) {
  for (const Entry& entry : entries) {
    if (&entry == web || text::equals_ignoring_case(entry.name, "web")) continue;
    const Source source = source_of(entry);
    if (!entry.second_name.empty()) {
      add({make_finding(Problem::double_key, place_of(entry), {entry.second_name}, source.lead + entry.command)});
    }
    add(findings_of(source, [&](std::string_view text) { return check_other_process(text, entry.name); }));
  }
}

}  // namespace

std::string_view name(WebProcess web) {
  switch (web) {
    case WebProcess::wrapped: return "wrapped";
    case WebProcess::unwrapped: return "unwrapped";
    case WebProcess::missing: return "missing";
    case WebProcess::no_procfile: return "no-procfile";
  }
  return "missing";
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
