#include "procfile/procfile.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mesh::procfile {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kMaxEntries = 200;
constexpr std::size_t kMaxNameLength = 63;
constexpr std::size_t kMaxRefusedLines = 5;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

std::size_t name_length(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_name_character) - text.begin());
}

// The length of "web: " at the start of a command, where the word is the entry's own name or looks like a web's.
std::size_t second_name_length(std::string_view command, std::string_view name) {
  const std::size_t length = name_length(command);
  const std::string_view word = command.substr(0, length);
  if (length == 0 || length >= command.size() || command[length] != ':') return 0;
  if (!text::equals_ignoring_case(word, name) && !text::equals_ignoring_case(word, "web")) return 0;
  const bool ends = length + 1 == command.size() || command[length + 1] == ' ' || command[length + 1] == '\t';
  return ends ? length + 1 : 0;
}

std::optional<Entry> parse_line(std::string_view line, std::size_t number) {
  const std::string_view trimmed = text::trim(line);
  const std::size_t length = name_length(trimmed);
  const std::string_view rest = text::trim(trimmed.substr(length));
  if (length == 0 || !rest.starts_with(':')) return std::nullopt;
  std::string_view command = text::trim(rest.substr(1));
  if (command.empty()) return std::nullopt;
  const auto lead = static_cast<std::size_t>(command.data() - line.data());
  const std::string_view name = trimmed.substr(0, length);
  const std::string second_name(command.substr(0, second_name_length(command, name)));
  while (const std::size_t again = second_name_length(command, name)) command = text::trim(command.substr(again));
  return Entry{std::string(name), std::string(command), second_name, number, std::string(line.substr(0, lead))};
}

// A carriage return that stands alone ends a line too.
std::string with_line_feeds(std::string_view text) {
  std::string result(text);
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (result[i] == '\r' && (i + 1 == result.size() || result[i + 1] != '\n')) result[i] = '\n';
  }
  return result;
}

// Empty for an entry whose right command is not known.
std::string canonical(const Entry& entry, std::string_view name) {
  return entry.command.empty() ? "" : std::string(name) + ": " + entry.command;
}

void check_lead(const Entry& entry, std::vector<Finding>& findings) {
  const std::string_view lead = entry.lead;
  const std::size_t colon = lead.find(':');
  if (colon == std::string_view::npos) return;
  const std::string instead = canonical(entry, text::equals_ignoring_case(entry.name, "web") ? "web" : entry.name);
  if (colon > 0 && (lead[colon - 1] == ' ' || lead[colon - 1] == '\t')) {
    findings.push_back(make_finding(Problem::blank_before_colon, place_of(entry), {}, instead));
  }
  if (colon + 1 == lead.size()) {
    findings.push_back(make_finding(Problem::no_blank_after_colon, place_of(entry), {}, instead));
  }
  if (lead.find('\t') != std::string_view::npos) {
    findings.push_back(make_finding(Problem::tabs, place_of(entry), {}, instead));
  }
}

void check_names(const std::vector<Entry>& entries, std::vector<Finding>& findings) {
  for (auto entry = entries.begin(); entry != entries.end(); ++entry) {
    if (entry->name != "web" && text::equals_ignoring_case(entry->name, "web")) {
      findings.push_back(make_finding(Problem::name_case, place_of(*entry), {entry->name}, canonical(*entry, "web")));
    }
    const auto same = [&](const Entry& later) { return later.name == entry->name; };
    if (std::any_of(entry + 1, entries.end(), same)) {
      findings.push_back(make_finding(Problem::duplicate_key, place_of(*entry), {entry->name}));
    }
  }
}

// heroku/procfile, SPEC.md: what it makes of a name, and whether it takes that.
std::string cloud_native_name(std::string_view name) {
  std::string result = text::lower(name);
  std::ranges::replace(result, '_', '-');
  return result;
}

bool is_cloud_native_name(std::string_view name) {
  return name.size() <= kMaxNameLength && name.front() != '-' && name.back() != '-';
}

void check_cloud_native_names(const std::vector<Entry>& entries, std::vector<Finding>& findings) {
  for (const Entry& entry : entries) {
    const std::string name = cloud_native_name(entry.name);
    if (!is_cloud_native_name(name)) {
      findings.push_back(make_finding(Problem::name_refused, place_of(entry), {entry.name}));
    } else if (name != entry.name && name != "web") {
      findings.push_back(make_finding(Problem::name_changes, place_of(entry), {entry.name, name}, canonical(entry, name)));
    }
  }
}

// A line that is neither empty nor a comment nor an entry, nor the rest of a continued one.
void check_lines(std::string_view text, std::vector<Finding>& findings) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::size_t number = 0;
  std::size_t found = 0;
  bool continues = false;
  const std::string unified = with_line_feeds(text);
  for (const std::string_view line : text::split(unified, '\n')) {
    ++number;
    const std::string_view trimmed = text::trim(line);
    const bool is_rest = std::exchange(continues, (continues || parse_line(line, number)) && trimmed.ends_with('\\'));
    if (is_rest || trimmed.empty() || trimmed.starts_with('#') || parse_line(line, number) || found == kMaxRefusedLines)
      continue;
    findings.push_back(make_finding(Problem::line_refused, "Procfile:" + std::to_string(number)));
    ++found;
  }
}

}  // namespace

std::vector<Entry> parse_procfile(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<Entry> entries;
  std::size_t number = 0;
  const std::string unified = with_line_feeds(text);
  for (const std::string_view line : text::split(unified, '\n')) {
    ++number;
    if (!entries.empty() && entries.back().command.ends_with('\\') &&
        (entries.back().continued || entries.back().line + 1 == number)) {
      Entry& last = entries.back();
      if (!parse_line(line, number)) {
        last.continued = true;
        last.command.pop_back();
        last.command = std::string(text::trim(last.command)) + " " + std::string(text::trim(line));
        continue;
      }
    }
    auto entry = parse_line(line, number);
    if (entry && entries.size() < kMaxEntries) entries.push_back(*std::move(entry));
  }
  return entries;
}

const Entry* web_entry(const std::vector<Entry>& entries) {
  const Entry* found = nullptr;
  for (const Entry& entry : entries) {
    const bool better = found == nullptr || found->name != "web";
    if (entry.name == "web" || (better && text::equals_ignoring_case(entry.name, "web"))) found = &entry;
  }
  return found;
}

std::optional<ProcfileText> read_procfile(const App& app) {
  if (auto text = app.read("Procfile")) {
    const bool is_utf16 = text->starts_with("\xFF\xFE") || text->starts_with("\xFE\xFF");
    if (!is_utf16) return ProcfileText{.text = *std::move(text)};
    // The names and programs that matter here are ASCII.
    std::erase_if(*text, [](char c) { return c == '\0' || c == '\xFF' || c == '\xFE' || c == '\r'; });
    return ProcfileText{.text = *std::move(text), .is_utf16 = true};
  }
  const std::vector<std::string> names = app.list("");
  if (std::ranges::find(names, "Procfile") != names.end()) return ProcfileText{.is_unreadable = true};
  for (const std::string& name : names) {
    const std::string lower = text::lower(name);
    if (lower != "procfile" && lower != "procfile.txt") continue;
    if (auto text = app.read(name)) return ProcfileText{.text = *std::move(text), .file = name, .is_misnamed = true};
  }
  return std::nullopt;
}

std::string place_of(const Entry& entry) { return "Procfile:" + std::to_string(entry.line); }

std::vector<Finding> check_grammar(std::string_view text, const std::vector<Entry>& entries) {
  std::vector<Finding> findings;
  if (text.starts_with(kByteOrderMark)) findings.push_back(make_finding(Problem::byte_order_mark, "Procfile:1"));
  const std::size_t carriage_return = text.find('\r');
  if (carriage_return != std::string_view::npos) {
    const auto line = std::ranges::count(text.substr(0, carriage_return), '\n') + 1;
    findings.push_back(make_finding(Problem::crlf, "Procfile:" + std::to_string(line), {}, "sed -i 's/\\r$//' Procfile"));
  }
  for (const Entry& entry : entries) check_lead(entry, findings);
  check_names(entries, findings);
  check_cloud_native_names(entries, findings);
  check_lines(text, findings);
  return findings;
}

}  // namespace mesh::procfile
