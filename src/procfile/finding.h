#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mesh::procfile {

// error: it breaks the app or its protection. warning: it does so in some cases. note: worth knowing, may well be meant.
// Errors and warnings are mistakes.
enum class Severity { error, warning, note };

std::string_view name(Severity);

// Everything the doctor knows. Each has a row in finding_catalogue.cpp, in this order, and a section in docs/doctor.md.
enum class Problem {
  procfile_missing,
  procfile_misnamed,
  procfile_encoding,
  procfile_unreadable,
  web_missing,
  mesh_not_used,
  branch_without_mesh,
  cannot_tell,
  double_key,
  duplicate_key,
  name_case,
  blank_before_colon,
  no_blank_after_colon,
  byte_order_mark,
  crlf,
  tabs,
  name_changes,
  name_refused,
  line_refused,
  continued_line,
  mesh_misspelled,
  mesh_path,
  malformed_assignment,
  export_without_and,
  assignment_on_another_command,
  long_dash,
  no_break_space,
  curly_quotes,
  wrong_product_name,
  arch_in_name,
  no_command,
  dashdash_on_integration,
  mesh_flag_on_integration,
  missing_dashdash_on_applink,
  quoted_command,
  assignment_after_mesh,
  shell_op_after_mesh,
  nested_mesh,
  background_mesh,
  sleepy_child,
  mesh_on_non_web,
  expansion_before_assignment,
  mesh_port,
  unknown_port_flag,
  same_port,
  app_port_unset,
  app_port_not_exported,
  app_port_invalid,
  app_port_mismatch,
  app_ignores_app_port,
  addon_vars_missing,
  auth_bypassed,
  debug_log,
  buildpack_order,
  later_buildpack,
  procfile_unused,
  yaml_wrong_name,
  yaml_not_in_root,
  yaml_tabs,
  yaml_invalid,
  yaml_unknown_key,
  yaml_wrong_type,
  yaml_host_without_scheme,
  yaml_host_with_port,
  yaml_bypass_all,
  yaml_bypass_unacknowledged,
};

inline constexpr std::size_t kProblemCount = static_cast<std::size_t>(Problem::yaml_bypass_unacknowledged) + 1;

struct ProblemEntry {
  Problem problem;
  std::string_view id;  // kebab-case; never renamed once released
  Severity severity;
  std::string_view happens;  // at run time, one sentence; each {} stands for what varies
};

const ProblemEntry& entry(Problem);
std::span<const ProblemEntry> problem_catalogue();

struct Finding {
  Problem problem;
  Severity severity;
  std::string place;    // "Procfile:1", "start.sh:4", "config var APP_PORT"
  std::string happens;  // never holds the value of a config var
  std::string instead;  // what to write there, or the command that mends it; empty where only the app's developers can know
};

bool is_mistake(const Finding&);

// The catalogue's words, each {} filled with the next of `words`.
Finding make_finding(Problem, std::string place, std::initializer_list<std::string_view> words = {},
                     std::string instead = {});

bool has_problem(const std::vector<Finding>&, Problem);

}  // namespace mesh::procfile
