#include "procfile/doctor.h"

#include <algorithm>

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
std::vector<Started> started_by(std::string_view text, std::string_view directory) {
  std::vector<Started> started;
  add_started(text, directory, {}, started);
  for (std::size_t i = 0; i < started.size(); ++i) {
    const Started shell = started[i];
    const Token* const script = inline_script(shell.command.words, program_word(shell.command.words, 0));
    if (script != nullptr) add_started(script->value, shell.command.directory, shell.scope, started);
  }
  return started;
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
  void check_unused(const Entry&);

  Rules starting_rules(Scope scope) const {
    return [this, scope = std::move(scope)](std::string_view text) { return check_starting_text(text, scope, around_); };
  }
  void add(std::vector<Finding> findings) {
    for (Finding& finding : findings) {
      if (checkup_.findings.size() < kMaxFindings) checkup_.findings.push_back(std::move(finding));
    }
  }
  Source source_of(const Entry& entry) const {
    const bool web = &entry == web_;
    return {.file = "Procfile", .text = entry.command, .line = entry.line, .lead = (web ? "web" : entry.name) + ": "};
  }

  const App& app_;
  Surroundings around_ = {};
  const Entry* web_ = nullptr;
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

  if (text) {
    add(check_grammar(*text, entries));
    checkup_.web = WebProcess::missing;
  } else {
    add({make_finding(Problem::procfile_missing, "Procfile")});
  }
  if (web_ != nullptr) {
    check_web(*web_);
  } else if (text) {
    add({make_finding(Problem::web_missing, "Procfile")});
  }
  check_others(entries, web_);
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
  if (!entry.second_name.empty()) {
    add({make_finding(Problem::double_key, place_of(entry), {entry.second_name},
                      source.lead + mended(entry.command, starting_rules({})))});
  }
  const auto calls = mesh_calls_in(entry.command, {});
  const auto started = started_by(entry.command, "");
  checkup_.web = WebProcess::wrapped;
  if (calls.empty()) {
    check_launched(started);
    if (checkup_.web == WebProcess::unwrapped) check_unused(entry);
  } else {
    add(findings_of(source, starting_rules({})));
  }
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

void Examination::check_unused(const Entry& entry) {
  const Rules rules = [&](std::string_view text) {
    if (!mesh_calls_in(text, {}).empty()) return check_starting_text(text, {}, around_);
    return Drafts{without_mesh_draft(text, {}, around_)};
  };
  add(findings_of(source_of(entry), rules));
}

// Scripts that the mesh starts, and sources that choose the app's port.
void Examination::check_wrapped(const MeshCall& call) {
  if (!call.has_command()) return;
  const AppPort port = app_port_of(call, around_);
  const Scope scope = scope_of_wrapped(call);
  bool port_chosen =
      !port_arguments(call.words(), call.wrapped).empty() || inline_script(call.words(), call.wrapped) != nullptr;
  for (const Source& script : started_texts(call.command, call.wrapped, app_)) {
    add(findings_of(script, [&](std::string_view text) { return check_wrapped_text(text, scope, port, around_); }));
    for (const Started& started : started_by(script.text, script.directory)) {
      port_chosen = port_chosen || started.scope.contains("PORT") || !port_arguments(started.command.words, 0).empty();
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
