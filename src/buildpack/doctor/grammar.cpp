#include <algorithm>

#include "buildpack/doctor/checks.h"
#include "common/text.h"

namespace mesh::buildpack::doctor {

using procfile::Entry;
using procfile::place_of;
using procfile::refused_lines;
namespace {

constexpr std::size_t kMaxNameLength = 63;
constexpr std::size_t kMaxRefusedLines = 5;

// The name that heroku/procfile makes of one (SPEC.md).
std::string cloud_native_name(std::string_view name) {
  std::string result = text::lower(name);
  std::ranges::replace(result, '_', '-');
  return result;
}

bool is_cloud_native_name(std::string_view name) {
  return name.size() <= kMaxNameLength && name.front() != '-' && name.back() != '-';
}

void check_entry(const Entry& entry, std::vector<Finding>& findings) {
  const auto add = [&](Problem problem, std::string_view name, std::initializer_list<std::string_view> words = {}) {
    const std::string suggestion = name.empty() || entry.command.empty() ? "" : std::string(name) + ": " + entry.command;
    findings.push_back(make_finding(problem, place_of(entry), words, suggestion));
  };
  const bool is_web = text::equals_ignoring_case(entry.name, "web");
  const std::string_view name = is_web ? "web" : std::string_view(entry.name);
  const std::size_t colon = entry.lead.find(':');
  if (!entry.second_name.empty()) add(Problem::double_key, name, {entry.second_name});
  if (entry.continued) add(Problem::continued_line, name);
  if (entry.lead.find_last_of(" \t", colon) + 1 == colon) add(Problem::space_before_colon, name);
  if (colon + 1 == entry.lead.size()) add(Problem::no_space_after_colon, name);
  if (entry.lead.find('\t') != std::string::npos) add(Problem::tabs, name);
  if (name != entry.name) add(Problem::name_case, name, {entry.name});
  const std::string in_cloud = cloud_native_name(entry.name);
  if (!is_cloud_native_name(in_cloud)) {
    add(Problem::name_refused, "", {entry.name});
  } else if (in_cloud != entry.name && !is_web) {
    add(Problem::name_changes, in_cloud, {entry.name, in_cloud});
  }
}

}  // namespace

std::vector<Finding> check_grammar(std::string_view text, const std::vector<Entry>& entries) {
  std::vector<Finding> findings;
  if (text.starts_with(text::kByteOrderMark)) findings.push_back(make_finding(Problem::byte_order_mark, "Procfile:1"));
  const std::size_t carriage_return = text.find('\r');
  if (carriage_return != std::string_view::npos) {
    const auto line = std::ranges::count(text.substr(0, carriage_return), '\n') + 1;
    findings.push_back(make_finding(Problem::crlf, "Procfile:" + std::to_string(line), {}, "sed -i 's/\\r$//' Procfile"));
  }
  for (auto entry = entries.begin(); entry != entries.end(); ++entry) {
    check_entry(*entry, findings);
    const auto same = [&](const Entry& later) { return later.name == entry->name; };
    if (std::any_of(entry + 1, entries.end(), same)) {
      findings.push_back(make_finding(Problem::duplicate_key, place_of(*entry), {entry->name}));
    }
  }
  std::vector<std::size_t> refused = refused_lines(text);
  refused.resize(std::min(refused.size(), kMaxRefusedLines));
  for (const std::size_t line : refused) {
    findings.push_back(make_finding(Problem::line_refused, "Procfile:" + std::to_string(line)));
  }
  return findings;
}

}  // namespace mesh::buildpack::doctor
