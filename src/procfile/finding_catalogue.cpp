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
        "This app has no Procfile, so its web process starts without the service mesh and requests reach it unchecked. Add "
        "a Procfile whose web line starts the app through the mesh."},
    ProblemEntry{Problem::procfile_misnamed, "procfile-misnamed", error,
                 "The platform reads a file named Procfile only, so the one named {} has no effect: the web process starts "
                 "without the service mesh. Rename it."},
    ProblemEntry{Problem::procfile_encoding, "procfile-encoding", error,
                 "The Procfile is encoded as UTF-16, which the platform cannot read. Save it as UTF-8."},
    ProblemEntry{Problem::procfile_unreadable, "procfile-unreadable", note,
                 "The Procfile cannot be read here: it is too large, or not a regular file of the app."},
    ProblemEntry{
        Problem::web_missing, "web-missing", warning,
        "The Procfile has no web process, so the mesh checks no requests. Add a web line that starts the app through it."},
    ProblemEntry{
        Problem::mesh_not_used, "mesh-not-used", error,
        "The web process does not start through the service mesh, so requests reach the app unchecked. Put the mesh "
        "in front of the app's command."},
    ProblemEntry{Problem::branch_without_mesh, "branch-without-mesh", warning,
                 "This branch starts \"{}\" on $PORT without the service mesh, so requests reach the app unchecked. Put the "
                 "mesh in front of the command."},
    ProblemEntry{
        Problem::cannot_tell, "cannot-tell", note,
        "The web process is started by {}, so the doctor cannot tell whether it starts through the service mesh. Check "
        "that the command that listens for requests has the mesh in front of it."},
    ProblemEntry{
        Problem::double_key, "double-key", error,
        "The shell looks for a program named \"{}\" and the dyno ends with \"command not found\". Write the name once."},
    ProblemEntry{Problem::duplicate_key, "duplicate-key", warning,
                 "The process type \"{}\" is declared again below, so this line is not used. Remove one of them."},
    ProblemEntry{Problem::name_case, "name-case", warning,
                 "On Cedar, the process type \"{}\" is not \"web\", so it gets no requests. Write \"web\" in lower case."},
    ProblemEntry{
        Problem::blank_before_colon, "blank-before-colon", warning,
        "Some platforms ignore a line with a space before the colon, and Cloud Native builds fail at it. Remove the "
        "space."},
    ProblemEntry{Problem::no_blank_after_colon, "no-blank-after-colon", warning,
                 "Some platforms ignore a line without a space after the colon. Write a space."},
    ProblemEntry{
        Problem::byte_order_mark, "byte-order-mark", warning,
        "The file begins with a byte order mark, which becomes part of the first name, so that process type is lost. Save "
        "the file as UTF-8 without a byte order mark."},
    ProblemEntry{
        Problem::crlf, "crlf", warning,
        "Lines end in a carriage return, and where it stays in a command its last word is misspelled for the program. Save "
        "the file with line feeds only."},
    ProblemEntry{Problem::tabs, "tabs", note, "Some platforms treat a tab as part of the command. Write a space."},
    ProblemEntry{Problem::name_changes, "name-changes", note,
                 "Cloud Native builds rename the process type \"{}\" to \"{}\". Write it that way if you use them."},
    ProblemEntry{
        Problem::name_refused, "name-refused", note,
        "Cloud Native builds fail at the process type \"{}\". Choose a name that begins and ends with a letter or a digit "
        "and has at most 63 characters."},
    ProblemEntry{
        Problem::line_refused, "line-refused", note,
        "The line declares no process type, and Cloud Native builds fail at it. Remove it or put a # in front of it."},
    ProblemEntry{
        Problem::continued_line, "continued-line", error,
        "A Procfile does not support line continuation, so the command ends at the backslash. Write it in one line."},
    ProblemEntry{Problem::mesh_misspelled, "mesh-misspelled", error,
                 "No program is named \"{}\", so the shell ends with \"command not found\" (exit code 127). Write {}."},
    ProblemEntry{Problem::mesh_path, "mesh-path", error,
                 "No buildpack installs the mesh at {}, so the shell ends with \"No such file or directory\" (exit code "
                 "127). Call it "
                 "by its name."},
    ProblemEntry{
        Problem::malformed_assignment, "malformed-assignment", error,
        "The shell reads {} as the name of a program, so it ends with \"command not found\" (exit code 127). Write the "
        "assignment with \"=\" and without spaces around it."},
    ProblemEntry{
        Problem::export_without_and, "export-without-and", error,
        "Without \"&&\" the shell exports variables named after the words of the command, starts nothing, and the dyno "
        "stops. Remove \"export\", or write \"&&\" before the mesh."},
    ProblemEntry{
        Problem::assignment_on_another_command, "assignment-on-another-command", error,
        "The assignment of APP_PORT is for the command \"{}\" only, so the mesh does not see it. Put it in front of "
        "the mesh."},
    ProblemEntry{Problem::long_dash, "long-dash", error,
                 "A word processor wrote a long dash for the hyphens, so it is not read as \"--\". Write two hyphens."},
    ProblemEntry{Problem::no_break_space, "no-break-space", error,
                 "The line contains a no-break space, so the shell reads the words beside it as one. Write a space."},
    ProblemEntry{Problem::curly_quotes, "curly-quotes", error,
                 "The line contains curly quotes, which the shell reads as letters. Write straight quotes."},
    ProblemEntry{Problem::wrong_product_name, "wrong-product-name", error,
                 "{} is not the product that this build installs: {}. Call the installed product."},
    ProblemEntry{Problem::arch_in_name, "arch-in-name", error,
                 "{} is specific to one version and architecture: {}. Call the mesh by its plain name."},
    ProblemEntry{Problem::no_command, "no-command", error,
                 "The mesh has no command to start, so {}. Put the app's command after the mesh."},
    ProblemEntry{Problem::dashdash_on_integration, "dashdash-on-integration", error,
                 "The mesh treats \"--\" as the app's program and ends with \"exec: not started\". Remove it."},
    ProblemEntry{Problem::mesh_flag_on_integration, "mesh-flag-on-integration", error,
                 "The mesh treats \"{}\" as the app's program and ends with \"exec: not started\". Remove its flags."},
    ProblemEntry{
        Problem::missing_dashdash_on_applink, "missing-dashdash-on-applink", error,
        "The mesh treats \"{}\", which is meant for the app, as a flag of its own and ends with its usage text. Put "
        "\"--\" before the app's command."},
    ProblemEntry{Problem::quoted_command, "quoted-command", error,
                 "The mesh looks for one program whose name is the whole quoted text and ends with \"exec: not started\". "
                 "Remove the quotes."},
    ProblemEntry{
        Problem::assignment_after_mesh, "assignment-after-mesh", error,
        "The mesh treats \"{}=...\" as the app's program and ends with \"exec: not started\". Put the assignment before "
        "the mesh."},
    ProblemEntry{
        Problem::shell_op_after_mesh, "shell-op-after-mesh", error,
        "The mesh starts one program and is not a shell: {}. Run other commands before the mesh, or write sh -c '...' "
        "around all of it."},
    ProblemEntry{
        Problem::nested_mesh, "nested-mesh", error,
        "The mesh starts a second mesh, which cannot listen on the same port (\"address already in use\"). Start the "
        "mesh once."},
    ProblemEntry{
        Problem::background_mesh, "background-mesh", error,
        "The mesh runs in the background, so the shell exits and the dyno stops. Remove the \"&\", or end the command "
        "with \"wait\"."},
    ProblemEntry{
        Problem::sleepy_child, "sleepy-child", warning,
        "\"{}\" puts the app into the background, so its command ends, the mesh ends with it, and the dyno stops. Start "
        "the app in the foreground."},
    ProblemEntry{Problem::mesh_on_non_web, "mesh-on-non-web", warning,
                 "Requests are routed to \"web\" only: in \"{}\" the mesh listens on a port that nobody uses{}. Start the "
                 "command without it."},
    ProblemEntry{Problem::expansion_before_assignment, "expansion-before-assignment", error,
                 "The shell replaces {} before the assignment in the same command takes effect, so the program gets "
                 "an empty text. Write the value, or export the variable before."},
    ProblemEntry{
        Problem::mesh_port, "mesh-port", error,
        "The mesh listens on {} instead of $PORT, so the router does not reach it (error R10). Leave its port to $PORT."},
    ProblemEntry{Problem::unknown_port_flag, "unknown-port-flag", error,
                 "{} has no flag {}, so it exits with a usage error and the dyno stops. Remove the flag."},
    ProblemEntry{Problem::same_port, "same-port", error,
                 "The mesh itself listens on $PORT, so {} ends with \"address already in use\". Let the app listen on "
                 "APP_PORT."},
    ProblemEntry{
        Problem::app_port_unset, "app-port-unset", note,
        "APP_PORT is not set, so the mesh forwards to port 3000 and answers 502 unless the app listens there. Set it."},
    ProblemEntry{Problem::app_port_not_exported, "app-port-not-exported", warning,
                 "APP_PORT is a shell variable only, so the mesh does not see it and forwards to port 3000. Export it."},
    ProblemEntry{Problem::app_port_invalid, "app-port-invalid", warning,
                 "The value is not a port number, so the mesh cannot forward and answers 502. Set a number."},
    ProblemEntry{Problem::app_port_mismatch, "app-port-mismatch", error,
                 "{} listens on port {}, but the mesh forwards to {} and answers 502. Make the ports equal."},
    ProblemEntry{
        Problem::app_ignores_app_port, "app-ignores-app-port", note,
        "The app reads PORT, where the mesh listens, and never APP_PORT, to which the mesh forwards. Read APP_PORT, or "
        "start the app with env PORT=3000."},
    ProblemEntry{Problem::addon_vars_missing, "addon-vars-missing", note,
                 "Without the add-on's config vars the mesh exits at its start with \"add-on config vars not set\". Attach "
                 "the add-on. "
                 "In CI and before it is attached, this note is expected."},
    ProblemEntry{Problem::auth_bypassed, "auth-bypassed", warning,
                 "The mesh forwards every request to the app unchecked. Unset the variable."},
    ProblemEntry{Problem::debug_log, "debug-log", warning,
                 "The mesh writes access tokens into the app's log. Unset the variable."},
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
                 "The mesh reads {} only, so none of these settings takes effect. Rename the file."},
    ProblemEntry{
        Problem::yaml_not_in_root, "yaml-not-in-root", warning,
        "The mesh reads its settings in the app's root directory, so none of these takes effect. Move the file there."},
    ProblemEntry{
        Problem::yaml_tabs, "yaml-tabs", error,
        "YAML allows no tabs for indentation, so the mesh exits at its start with \"Invalid YAML config\". Write spaces."},
    ProblemEntry{
        Problem::yaml_invalid, "yaml-invalid", error,
        "The file is not a mapping of settings ({}), so the mesh exits at its start with \"Invalid YAML config\". Fix "
        "the file or remove it."},
    ProblemEntry{
        Problem::yaml_unknown_key, "yaml-unknown-key", error,
        "The mesh has no setting \"{}\" here, so it exits at its start with \"Invalid YAML config\". Rename, move or "
        "remove it."},
    ProblemEntry{Problem::yaml_wrong_type, "yaml-wrong-type", error,
                 "\"{}\" must be {}, so the mesh exits at its start with \"Invalid YAML config\". Fix the value."},
    ProblemEntry{Problem::yaml_host_without_scheme, "yaml-host-without-scheme", error,
                 "The mesh cannot forward to a host without http:// and answers 502. Add it."},
    ProblemEntry{Problem::yaml_host_with_port, "yaml-host-with-port", error,
                 "The mesh adds the port to the host, so the address has two ports and the mesh answers 502. Remove the "
                 "port from the host."},
    ProblemEntry{
        Problem::yaml_bypass_all, "yaml-bypass-all", warning,
        "The route \"{}\" matches every path, so the mesh forwards every request to the app unchecked. List only the "
        "routes that need no check."},
    ProblemEntry{Problem::yaml_bypass_unacknowledged, "yaml-bypass-unacknowledged", warning,
                 "The AppLink mesh may ignore bypassed routes without the config var that acknowledges them. Set "
                 "HEROKU_APPLINK_SERVICE_MESH_ACKNOWLEDGE_RISK_BYPASS."},
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

std::string sentence(Problem problem, std::span<const std::string> words) {
  std::string text;
  std::string_view rest = entry(problem).happens;
  for (const std::string& word : words) {
    const std::size_t gap = rest.find("{}");
    if (gap == std::string_view::npos) break;
    text += rest.substr(0, gap);
    text += text::printable_line(word, kMaxWord);
    rest.remove_prefix(gap + 2);
  }
  return text.append(rest);
}

Finding make_finding(Problem problem, std::string place, std::initializer_list<std::string_view> words,
                     std::string instead) {
  const std::vector<std::string> filled(words.begin(), words.end());
  return {problem, entry(problem).severity, std::move(place), sentence(problem, filled), std::move(instead)};
}

}  // namespace mesh::procfile
