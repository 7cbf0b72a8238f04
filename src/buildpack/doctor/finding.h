#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mesh::buildpack::doctor {

// error: it breaks the app or its protection. warning: it does so in some cases. note: it may be intended.
// Errors and warnings are mistakes.
enum class Severity { error, warning, note };

std::string_view name(Severity);

// A row of problems.inc.
enum class Problem {
#define SECTION(title, introduction)
#define PROBLEM(name, id, severity, message, description) name,
#include "buildpack/doctor/problems.inc"
#undef PROBLEM
#undef SECTION
};

struct ProblemEntry {
  std::string_view id;  // kebab-case; never renamed once released
  Severity severity;
  std::string_view message;  // the problem at run time and its fix; each {} stands for a part that varies
};

const ProblemEntry& entry(Problem);
std::span<const ProblemEntry> problem_catalogue();

struct Finding {
  Problem problem;
  Severity severity;
  std::string location;    // "Procfile:1", "start.sh:4", "config var APP_PORT"
  std::string message;     // never contains the value of a config var
  std::string suggestion;  // the corrected line or a command that fixes it; empty if the doctor gives none
};

bool is_mistake(const Finding&);

// Fills each {} of the catalogue's sentence with the next of `words`.
Finding make_finding(Problem, std::string location, std::initializer_list<std::string_view> words = {},
                     std::string suggestion = {});

bool has_problem(const std::vector<Finding>&, Problem);

}  // namespace mesh::buildpack::doctor
