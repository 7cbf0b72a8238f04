#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "buildpack/cnb/toml.h"
#include "common/text.h"

namespace mesh::buildpack::cnb {
namespace {

bool is_bare_key(std::string_view key) { return !key.empty() && text::is_alphanumeric_or("-_", key); }

// Returns the escaped character (TOML 1.0, "String"): a short escape, or \uXXXX for any other control character.
std::string escaped(char c) {
  switch (c) {
    case '\b': return "\\b";
    case '\t': return "\\t";
    case '\n': return "\\n";
    case '\f': return "\\f";
    case '\r': return "\\r";
    case '"': return "\\\"";
    case '\\': return "\\\\";
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F ? fmt::format("\\u{:04X}", byte) : std::string(1, c);
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text::valid_utf8(text)) result += escaped(c);
  return result + '"';
}

std::string key_text(std::string_view key) { return is_bare_key(key) ? std::string(key) : quoted(key); }

// Adds a fraction to a number without one: it would parse as an integer.
std::string number_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  std::string result = fmt::format("{}", number);
  if (result.find_first_of(".e") == std::string::npos) result += ".0";
  return result;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the value
std::string inline_text(const TomlValue& value) {
  if (const std::string* text = value.text()) return quoted(*text);
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return fmt::format("{}", *whole);
  if (const auto* number = std::get_if<double>(&value.data)) return number_text(*number);
  if (const auto* truth = std::get_if<bool>(&value.data)) return *truth ? "true" : "false";
  if (const auto* time = std::get_if<TomlDateTime>(&value.data)) return time->text;
  std::vector<std::string> parts;
  if (const TomlArray* array = value.array()) {
    for (const TomlValue& each : *array) parts.push_back(inline_text(each));
    return fmt::format("[{}]", fmt::join(parts, ", "));
  }
  for (const TomlMember& member : value.table()->members()) {
    parts.push_back(fmt::format("{} = {}", key_text(member.key), inline_text(member.value)));
  }
  return parts.empty() ? "{}" : fmt::format("{{ {} }}", fmt::join(parts, ", "));
}

// Returns an array that is written as repeated [[headers]]; nullptr for any other value.
const TomlArray* as_sections(const TomlValue& value) {
  const TomlArray* array = value.array();
  const bool all_tables = array != nullptr && !array->empty() &&
                          std::ranges::all_of(*array, [](const TomlValue& one) { return one.table() != nullptr; });
  return all_tables ? array : nullptr;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the value
std::string members_text(const TomlTable& table, const std::string& path) {
  std::string text;
  for (const TomlMember& member : table.members()) {
    const bool is_section = member.value.table() != nullptr || as_sections(member.value) != nullptr;
    if (!is_section) text += fmt::format("{} = {}\n", key_text(member.key), inline_text(member.value));
  }
  for (const TomlMember& member : table.members()) {
    const std::string name = path + key_text(member.key);
    const auto* const inner = member.value.table();
    if (inner != nullptr) text += fmt::format("\n[{}]\n{}", name, members_text(*inner, name + "."));
    if (const TomlArray* sections = as_sections(member.value)) {
      for (const TomlValue& each : *sections)
        text += fmt::format("\n[[{}]]\n{}", name, members_text(*each.table(), name + "."));
    }
  }
  return text;
}

}  // namespace

std::string write_toml(const TomlTable& table) {
  const std::string text = members_text(table, "");
  return text.substr(text.starts_with('\n') ? 1 : 0);
}

}  // namespace mesh::buildpack::cnb
