#include <algorithm>
#include <array>

#include "buildpack/doctor/finding.h"
#include "common/text.h"

namespace mesh::buildpack::doctor {
namespace {

constexpr std::size_t kMaxWord = 120;

constexpr std::array kCatalogue = {
#define SECTION(title, introduction)
#define PROBLEM(name, id, severity, message, description) ProblemEntry{id, Severity::severity, message},
#include "buildpack/doctor/problems.inc"
#undef PROBLEM
#undef SECTION
};

}  // namespace

std::string_view name(Severity severity) {
  constexpr std::array<std::string_view, 3> kNames = {"error", "warning", "note"};
  return kNames.at(static_cast<std::size_t>(severity));
}

const ProblemEntry& entry(Problem problem) { return kCatalogue[static_cast<std::size_t>(problem)]; }

std::span<const ProblemEntry> problem_catalogue() { return kCatalogue; }

bool is_mistake(const Finding& finding) { return finding.severity != Severity::note; }

bool has_problem(const std::vector<Finding>& findings, Problem problem) {
  return std::ranges::find(findings, problem, &Finding::problem) != findings.end();
}

Finding make_finding(Problem problem, std::string location, std::initializer_list<std::string_view> words,
                     std::string suggestion) {
  std::string text;
  std::string_view rest = entry(problem).message;
  for (const std::string_view word : words) {
    const std::size_t gap = rest.find("{}");
    if (gap == std::string_view::npos) break;
    text += rest.substr(0, gap);
    text += text::printable_line(word, kMaxWord);
    rest.remove_prefix(gap + 2);
  }
  return {problem, entry(problem).severity, std::move(location), text.append(rest), std::move(suggestion)};
}

}  // namespace mesh::buildpack::doctor
