#include "buildpack/doctor/rendering.h"

#include <fmt/format.h>

#include <algorithm>

#include "buildpack/procfile/shell_commands.h"
#include "common/json.h"
#include "common/text.h"

namespace mesh::buildpack::doctor {

using procfile::assigned_value;
using procfile::one_of;
using procfile::Token;
using procfile::tokenize;
using procfile::TokenKind;
namespace {

constexpr std::size_t kWidth = 88;
constexpr std::size_t kMaxLine = 1000;

// "DB_PASSWORD", "--api-key".
bool names_secret(std::string_view name) {
  std::string lower = text::lower(name);
  std::ranges::replace(lower, '-', '_');
  return std::ranges::any_of(text::split(lower, '_'), [](std::string_view part) {
    return one_of(part, "password passwd pwd pass secret token key apikey credential credentials");
  });
}

}  // namespace

std::string describe(const Finding& finding) {
  std::string text = fmt::format("{} ({}), {}", entry(finding.problem).id, name(finding.severity),
                                 text::printable_line(finding.location, kMaxLine));
  for (const std::string& line : text::wrap(finding.message, kWidth)) text += "\n" + line;
  if (finding.suggestion.empty()) return text;
  text += "\nWrite instead:";
  for (const std::string_view line : text::split(finding.suggestion, '\n')) {
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
                {"location", text::valid_utf8(finding.location)},
                {"message", finding.message}};
    if (!finding.suggestion.empty()) row["suggestion"] = text::valid_utf8(finding.suggestion);
    findings.push_back(std::move(row));
  }
  const auto mistakes = std::ranges::count_if(checkup.findings, is_mistake);
  return write_json({{"product", std::string(name(checkup.product))},
                     {"web", std::string(name(checkup.web))},
                     {"mistakes", mistakes},
                     {"findings", std::move(findings)}});
}

std::string without_secrets(std::string_view command) {
  constexpr std::string_view kHidden = "[redacted]";
  std::string result = text::redact(command);
  const std::vector<Token> tokens = tokenize(result);
  for (std::size_t i = tokens.size(); i-- > 0;) {
    const Token& token = tokens[i];
    if (token.kind != TokenKind::word || token.value.starts_with('$')) continue;
    const std::size_t equals = token.raw.find('=');
    const std::string_view name = std::string_view(token.raw).substr(0, equals);
    const bool is_joined = equals != std::string::npos && equals + 1 < token.raw.size() && names_secret(name);
    const bool is_next = i > 0 && tokens[i - 1].value.starts_with("--") &&
                         tokens[i - 1].value.find('=') == std::string::npos && names_secret(tokens[i - 1].value) &&
                         !token.value.starts_with('-');
    const bool is_variable = is_joined && assigned_value(token).starts_with('$');
    if (is_variable || (!is_joined && !is_next)) continue;
    const std::size_t skipped = is_joined ? equals + 1 : 0;
    result.replace(token.begin + skipped, token.end - token.begin - skipped, kHidden);
  }
  return result;
}

}  // namespace mesh::buildpack::doctor
