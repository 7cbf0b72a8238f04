#include "buildpack/procfile/procfile.h"

#include <algorithm>

#include "common/text.h"

namespace mesh::buildpack::procfile {
namespace {

constexpr std::size_t kMaxEntries = 200;

std::size_t name_length(std::string_view text) {
  const auto is_in_name = [](char c) { return text::is_alphanumeric(c) || c == '_' || c == '-'; };
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_in_name) - text.begin());
}

// The length of "web: " at the start of a command, where the word is the entry's own name or looks like a web's.
std::size_t second_name_length(std::string_view command, std::string_view name) {
  const std::size_t length = name_length(command);
  const std::string_view word = command.substr(0, length);
  if (!text::equals_ignoring_case(word, name) && !text::equals_ignoring_case(word, "web")) return 0;
  const std::string_view rest = command.substr(length);
  return rest == ":" || rest.starts_with(": ") || rest.starts_with(":\t") ? length + 1 : 0;
}

std::optional<Entry> parse_line(std::string_view line, std::size_t number) {
  const std::string_view trimmed = text::trim(line);
  const std::string_view name = trimmed.substr(0, name_length(trimmed));
  const std::string_view rest = text::trim(trimmed.substr(name.size()));
  if (name.empty() || !rest.starts_with(':')) return std::nullopt;
  std::string_view command = text::trim(rest.substr(1));
  if (command.empty()) return std::nullopt;
  const auto lead = static_cast<std::size_t>(command.data() - line.data());
  const std::string second_name(command.substr(0, second_name_length(command, name)));
  while (const std::size_t again = second_name_length(command, name)) command = text::trim(command.substr(again));
  return Entry{std::string(name), std::string(command), second_name, number, std::string(line.substr(0, lead))};
}

struct Lines {
  std::vector<Entry> entries = {};
  std::vector<std::size_t> refused = {};
};

Lines read_lines(std::string_view text) {
  std::string unified(text::without_byte_order_mark(text));
  for (std::size_t i = 0; i < unified.size(); ++i) {  // a carriage return without a line feed ends a line too
    if (unified[i] == '\r' && unified[std::min(i + 1, unified.size() - 1)] != '\n') unified[i] = '\n';
  }
  Lines lines;
  std::size_t number = 0;
  for (const std::string_view line : text::split(unified, '\n')) {
    const std::string_view trimmed = text::trim(line);
    Entry* const last = lines.entries.empty() ? nullptr : &lines.entries.back();
    if (auto entry = parse_line(line, ++number)) {
      const bool is_first_web = entry->name == "web" && web_entry(lines.entries) == nullptr;
      if (lines.entries.size() < kMaxEntries || is_first_web) lines.entries.push_back(*std::move(entry));
    } else if (last != nullptr && last->command.ends_with('\\') && (last->continued || last->line + 1 == number)) {
      last->continued = true;
      last->command.pop_back();
      last->command.resize(last->command.find_last_not_of(" \t") + 1);
      last->command.append(" ").append(trimmed);
    } else if (!trimmed.empty() && !trimmed.starts_with('#')) {
      lines.refused.push_back(number);
    }
  }
  return lines;
}

}  // namespace

std::vector<Entry> parse_procfile(std::string_view text) { return read_lines(text).entries; }

std::vector<std::size_t> refused_lines(std::string_view text) { return read_lines(text).refused; }

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
    // The names and programs that matter here are ASCII.
    if (is_utf16) std::erase_if(*text, [](char c) { return c == '\0' || c == '\xFF' || c == '\xFE' || c == '\r'; });
    return ProcfileText{.text = *std::move(text), .is_utf16 = is_utf16};
  }
  const std::vector<std::string> names = app.list("");
  if (std::ranges::find(names, "Procfile") != names.end()) return ProcfileText{.is_unreadable = true};
  for (const std::string& name : names) {
    if (!text::equals_ignoring_case(name, "Procfile") && !text::equals_ignoring_case(name, "Procfile.txt")) continue;
    if (auto text = app.read(name)) return ProcfileText{.text = *std::move(text), .file = name, .is_misnamed = true};
  }
  return std::nullopt;
}

std::string place_of(const Entry& entry) { return "Procfile:" + std::to_string(entry.line); }

}  // namespace mesh::buildpack::procfile
