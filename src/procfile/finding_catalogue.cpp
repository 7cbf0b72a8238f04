#include <algorithm>
#include <array>

#include "base/text.h"
#include "procfile/finding.h"

namespace mesh::procfile {
namespace {

using enum Severity;

constexpr std::size_t kMaxWord = 120;

constexpr std::array kCatalogue = {
    ProblemEntry{
        Problem::procfile_missing, "procfile-missing", warning,
        "This app has no Procfile, so its web process starts without the service mesh and requests reach it unchecked."},
    ProblemEntry{Problem::procfile_misnamed, "procfile-misnamed", error,
                 "The platform reads a file named Procfile only, so the one named {} has no effect: the web process starts "
                 "without the service mesh."},
    ProblemEntry{Problem::procfile_encoding, "procfile-encoding", error,
                 "The Procfile is encoded as UTF-16, which the platform cannot read. Save it as UTF-8."},
    ProblemEntry{Problem::procfile_unreadable, "procfile-unreadable", note,
                 "The Procfile cannot be read here: it is too large, or not a regular file of the app."},
    ProblemEntry{Problem::web_missing, "web-missing", warning,
                 "The Procfile has no web process. Requests are only checked where a web process starts through the mesh."},
    ProblemEntry{Problem::mesh_not_used, "mesh-not-used", error,
                 "The web process does not start through the service mesh, so requests reach the app unchecked."},
    ProblemEntry{Problem::branch_without_mesh, "branch-without-mesh", warning,
                 "This branch starts \"{}\" on $PORT without the service mesh, so requests reach the app unchecked."},
    ProblemEntry{
        Problem::cannot_tell, "cannot-tell", note,
        "The web process is started by {}, so the doctor cannot tell whether it starts through the service mesh. Check "
        "that the command that listens for requests has the mesh in front of it."},
    ProblemEntry{Problem::double_key, "double-key", error,
                 "The shell looks for a program named \"{}\" and the dyno ends with \"command not found\"."},
    ProblemEntry{Problem::duplicate_key, "duplicate-key", warning,
                 "The process type \"{}\" is declared again below, and this line is not used."},
    ProblemEntry{Problem::name_case, "name-case", warning,
                 "The classic platform takes \"{}\" for another process type than \"web\" and routes no requests to it."},
    ProblemEntry{Problem::blank_before_colon, "blank-before-colon", warning,
                 "Platforms read a blank before the colon differently: some find no process type in this line."},
    ProblemEntry{Problem::no_blank_after_colon, "no-blank-after-colon", warning,
                 "Platforms read a line without a blank after the colon differently: some find no process type in it."},
    ProblemEntry{
        Problem::byte_order_mark, "byte-order-mark", warning,
        "The file begins with a byte order mark, which becomes part of the first name, so that process type is lost."},
    ProblemEntry{
        Problem::crlf, "crlf", warning,
        "Lines end in a carriage return, and where it stays in a command its last word is misspelled for the program."},
    ProblemEntry{Problem::tabs, "tabs", note,
                 "Platforms read tabs differently from blanks; this one may be part of the command."},
    ProblemEntry{Problem::name_changes, "name-changes", note,
                 "Cloud Native builds call the process type \"{}\" \"{}\", and only so it can be started there."},
    ProblemEntry{
        Problem::name_refused, "name-refused", note,
        "Cloud Native builds end with an error at the process type \"{}\": a name begins and ends with a letter or a "
        "digit and has 63 characters at most."},
    ProblemEntry{Problem::line_refused, "line-refused", note,
                 "The line declares no process type; Cloud Native builds end with an error at it."},
    ProblemEntry{Problem::continued_line, "continued-line", error,
                 "A Procfile has no continued lines: the command ends at the backslash."},
    ProblemEntry{
        Problem::mesh_misspelled, "mesh-misspelled", error,
        "No program is named \"{}\", so the shell ends with \"command not found\" (exit code 127). The mesh is named {}."},
    ProblemEntry{
        Problem::mesh_path, "mesh-path", error,
        "No buildpack installs the mesh at {}, so the shell ends with \"No such file or directory\" (exit code 127)."},
    ProblemEntry{
        Problem::malformed_assignment, "malformed-assignment", error,
        "The shell reads {} as the name of a program, because an assignment has \"=\" without spaces around it, and ends "
        "with \"command not found\" (exit code 127)."},
    ProblemEntry{
        Problem::export_without_and, "export-without-and", error,
        "Without \"&&\" the shell exports variables named after the words of the command, starts nothing, and the dyno "
        "stops."},
    ProblemEntry{Problem::assignment_on_another_command, "assignment-on-another-command", error,
                 "The assignment of APP_PORT is for the command \"{}\" only, so the mesh does not see it."},
    ProblemEntry{Problem::long_dash, "long-dash", error,
                 "A word processor wrote a long dash for the hyphens, so it is not read as \"--\"."},
    ProblemEntry{Problem::no_break_space, "no-break-space", error,
                 "The line contains a no-break space, so the shell reads the words beside it as one."},
    ProblemEntry{Problem::curly_quotes, "curly-quotes", error,
                 "The line contains curly quotes, which the shell reads as letters."},
    ProblemEntry{Problem::wrong_product_name, "wrong-product-name", error,
                 "{} is not the product that this build installs: {}."},
    ProblemEntry{Problem::arch_in_name, "arch-in-name", error,
                 "The name {} holds for one version and one architecture: {}."},
    ProblemEntry{Problem::no_command, "no-command", error, "The mesh is given no command to start, so {}."},
    ProblemEntry{Problem::dashdash_on_integration, "dashdash-on-integration", error,
                 "The mesh takes \"--\" for the app's program and ends with \"exec: not started\"."},
    ProblemEntry{Problem::mesh_flag_on_integration, "mesh-flag-on-integration", error,
                 "The mesh takes \"{}\" for the app's program and ends with \"exec: not started\"."},
    ProblemEntry{Problem::missing_dashdash_on_applink, "missing-dashdash-on-applink", error,
                 "The mesh takes \"{}\", which is meant for the app, for a flag of its own and ends with its usage text."},
    ProblemEntry{Problem::quoted_command, "quoted-command", error,
                 "The mesh looks for one program whose name is the whole quoted text and ends with \"exec: not started\"."},
    ProblemEntry{Problem::assignment_after_mesh, "assignment-after-mesh", error,
                 "The mesh takes \"{}=...\" for the app's program and ends with \"exec: not started\"."},
    ProblemEntry{Problem::shell_op_after_mesh, "shell-op-after-mesh", error,
                 "The mesh starts one program and is not a shell: {}."},
    ProblemEntry{Problem::nested_mesh, "nested-mesh", error,
                 "The mesh starts a second mesh, which cannot listen on the same port (\"address already in use\")."},
    ProblemEntry{Problem::background_mesh, "background-mesh", error,
                 "The mesh goes to the background, the shell ends, and the dyno stops with it."},
    ProblemEntry{Problem::sleepy_child, "sleepy-child", warning,
                 "\"{}\" puts the app into the background; its command ends, the mesh ends with it, and the dyno stops."},
    ProblemEntry{Problem::mesh_on_non_web, "mesh-on-non-web", warning,
                 "Requests are routed to \"web\" alone: in \"{}\" the mesh listens on a port that nobody uses{}."},
    ProblemEntry{Problem::expansion_before_assignment, "expansion-before-assignment", error,
                 "The shell replaces {} before the assignment in the same command takes effect, so the program gets "
                 "nothing for it."},
    ProblemEntry{Problem::mesh_port, "mesh-port", error,
                 "The mesh listens on {} instead of $PORT, so the router does not reach it (error R10)."},
    ProblemEntry{Problem::unknown_port_flag, "unknown-port-flag", error,
                 "{} has no flag {}, so it exits with a usage error and the dyno stops."},
    ProblemEntry{Problem::same_port, "same-port", error,
                 "The mesh itself listens on $PORT, so {} ends with \"address already in use\"."},
    ProblemEntry{Problem::app_port_unset, "app-port-unset", note,
                 "APP_PORT is set nowhere, so the mesh forwards to port 3000 and answers 502 unless the app listens there."},
    ProblemEntry{Problem::app_port_not_exported, "app-port-not-exported", warning,
                 "APP_PORT is a variable of the shell alone; the mesh does not see it and forwards to port 3000."},
    ProblemEntry{Problem::app_port_invalid, "app-port-invalid", warning,
                 "The value is no port number, so the mesh cannot forward and answers 502."},
    ProblemEntry{Problem::app_port_mismatch, "app-port-mismatch", error,
                 "{} listens on port {}, but the mesh forwards to {} and answers 502."},
    ProblemEntry{Problem::app_ignores_app_port, "app-ignores-app-port", note,
                 "The app reads PORT, where the mesh listens, and never APP_PORT, to which the mesh forwards."},
    ProblemEntry{
        Problem::addon_vars_missing, "addon-vars-missing", note,
        "Without the add-on's config vars the mesh ends at its start with \"add-on config vars not set\"; in CI and "
        "before the add-on is attached that is to be expected."},
    ProblemEntry{Problem::auth_bypassed, "auth-bypassed", warning,
                 "The mesh lets every request through to the app unchecked."},
    ProblemEntry{Problem::debug_log, "debug-log", warning, "The mesh writes access tokens into the app's log."},
    ProblemEntry{
        Problem::buildpack_order, "buildpack-order", error,
        "{} runs after this buildpack and declares the process type \"{}\" again, without the service mesh. Name this "
        "buildpack after it, in io.buildpacks.post.group of project.toml."},
    ProblemEntry{
        Problem::later_buildpack, "later-buildpack", note,
        "{} runs after this buildpack and can declare the web process again, so the doctor cannot tell whether it starts "
        "through the service mesh. Name this buildpack last in project.toml."},
    ProblemEntry{
        Problem::procfile_unused, "procfile-unused", warning,
        "No buildpack of this build reads the Procfile, so the image has no web process. Name heroku/procfile before "
        "this buildpack in project.toml."},
    ProblemEntry{Problem::yaml_wrong_name, "yaml-wrong-name", warning,
                 "The mesh reads {} alone, so none of these settings takes effect."},
    ProblemEntry{Problem::yaml_not_in_root, "yaml-not-in-root", warning,
                 "The mesh reads its settings in the app's root directory, so none of these takes effect."},
    ProblemEntry{
        Problem::yaml_tabs, "yaml-tabs", error,
        "YAML allows no tabs in front of a line's content, so the mesh ends at its start with \"Invalid YAML config\"."},
    ProblemEntry{Problem::yaml_invalid, "yaml-invalid", error,
                 "The file is no mapping of settings ({}), so the mesh ends at its start with \"Invalid YAML config\"."},
    ProblemEntry{Problem::yaml_unknown_key, "yaml-unknown-key", error,
                 "The mesh knows no setting \"{}\" here and ends at its start with \"Invalid YAML config\"."},
    ProblemEntry{Problem::yaml_wrong_type, "yaml-wrong-type", error,
                 "\"{}\" has to be {}, so the mesh ends at its start with \"Invalid YAML config\"."},
    ProblemEntry{Problem::yaml_host_without_scheme, "yaml-host-without-scheme", error,
                 "The mesh cannot forward to a host without http:// and answers 502."},
    ProblemEntry{Problem::yaml_host_with_port, "yaml-host-with-port", error,
                 "The mesh adds the port to the host, so it asks an address with two ports and answers 502."},
    ProblemEntry{Problem::yaml_bypass_all, "yaml-bypass-all", warning,
                 "The route \"{}\" stands for all, so the mesh lets every request through to the app unchecked."},
    ProblemEntry{Problem::yaml_bypass_unacknowledged, "yaml-bypass-unacknowledged", warning,
                 "The AppLink mesh wants bypassed routes acknowledged by a config var and may ignore them without it."},
};

constexpr bool catalogue_is_complete() {
  if (kCatalogue.size() != kProblemCount) return false;
  for (std::size_t i = 0; i < kCatalogue.size(); ++i) {
    if (static_cast<std::size_t>(kCatalogue[i].problem) != i) return false;
    if (kCatalogue[i].id.empty() || !kCatalogue[i].happens.ends_with('.')) return false;
  }
  return true;
}
static_assert(catalogue_is_complete(), "every Problem has one row, in the order of the enumeration");

}  // namespace

std::string_view name(Severity severity) {
  switch (severity) {
    case error: return "error";
    case warning: return "warning";
    case note: return "note";
  }
  return "error";
}

const ProblemEntry& entry(Problem problem) { return kCatalogue[static_cast<std::size_t>(problem)]; }

std::span<const ProblemEntry> problem_catalogue() { return kCatalogue; }

bool is_mistake(const Finding& finding) { return finding.severity != Severity::note; }

bool has_problem(const std::vector<Finding>& findings, Problem problem) {
  return std::ranges::find(findings, problem, &Finding::problem) != findings.end();
}

Finding make_finding(Problem problem, std::string place, std::initializer_list<std::string_view> words,
                     std::string instead) {
  std::string text;
  std::string_view rest = entry(problem).happens;
  for (const std::string_view word : words) {
    const std::size_t gap = rest.find("{}");
    if (gap == std::string_view::npos) break;
    text += rest.substr(0, gap);
    text += text::printable_line(word, kMaxWord);
    rest.remove_prefix(gap + 2);
  }
  return {problem, entry(problem).severity, std::move(place), text.append(rest), std::move(instead)};
}

}  // namespace mesh::procfile
