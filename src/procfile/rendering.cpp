#include "procfile/rendering.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace mesh::procfile {
namespace {

constexpr std::size_t kWidth = 88;
constexpr std::size_t kMaxLine = 1000;

}  // namespace

std::string describe(const Finding& finding) {
  std::string text = fmt::format("{} ({}), {}", entry(finding.problem).id, name(finding.severity),
                                 text::printable_line(finding.place, kMaxLine));
  for (const std::string& line : text::wrap(finding.happens, kWidth)) text += "\n" + line;
  if (finding.instead.empty()) return text;
  text += "\nWrite instead:";
  for (const std::string_view line : text::split(finding.instead, '\n')) {
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    text += "\n  " + std::string(line.substr(0, indent)) + text::printable_line(line, kMaxLine);
  }
  return text;
}

std::string json(const Checkup& checkup) {
  Json findings = Json::array();
  for (const Finding& finding : checkup.findings) {
    Json row = {{"id", std::string(entry(finding.problem).id)},
                {"severity", std::string(name(finding.severity))},
                {"place", text::valid_utf8(finding.place)},
                {"happens", finding.happens}};
    if (!finding.instead.empty()) row["instead"] = text::valid_utf8(finding.instead);
    findings.push_back(std::move(row));
  }
  const auto mistakes = std::ranges::count_if(checkup.findings, is_mistake);
  return write_json({{"product", std::string(name(checkup.product))},
                     {"web", std::string(name(checkup.web))},
                     {"mistakes", mistakes},
                     {"findings", std::move(findings)}});
}

}  // namespace mesh::procfile
