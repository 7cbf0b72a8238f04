#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "buildpack/cnb/toml.h"
#include "common/text.h"

namespace mesh::buildpack::cnb {
namespace {

bool is_bare_key(std::string_view key) { return !key.empty() && text::is_alphanumeric_or("-_", key); }

// TOML 1.0, "String": the short escapes, \uXXXX for all other control characters.
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

// Without a fraction or an exponent it would read as an integer.
std::string number_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  std::string result = fmt::format("{}", number);
  if (result.find_first_of(".e") == std::string::npos) result += ".0";
  return result;
}

std::string inline_text(const TomlValue&);

// NOLINTNEXTLINE(misc-no-recursion): as deep as the value
std::string inline_text(const TomlTable& table) {
  std::string result;
  for (const TomlMember& member : table.members()) {
    result += fmt::format("{}{} = {}", result.empty() ? "" : ", ", key_text(member.key), inline_text(member.value));
  }
  return result.empty() ? "{}" : "{ " + result + " }";
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the value
std::string inline_text(const TomlArray& array) {
  std::string result;
  for (const TomlValue& value : array) result += (result.empty() ? "" : ", ") + inline_text(value);
  return "[" + result + "]";
}

struct InlineText {
  std::string operator()(const std::string& text) const { return quoted(text); }
  std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
  std::string operator()(double number) const { return number_text(number); }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(const TomlDateTime& time) const { return time.text; }
  std::string operator()(const TomlArray& array) const { return inline_text(array); }
  std::string operator()(const TomlTable& table) const { return inline_text(table); }
};

// NOLINTNEXTLINE(misc-no-recursion): as deep as the value
std::string inline_text(const TomlValue& value) { return std::visit(InlineText(), value.data); }

// An array that is written as [[one]] [[after]] [[another]].
const TomlArray* as_sections(const TomlValue& value) {
  const TomlArray* array = value.array();
  const bool all_tables = array != nullptr && !array->empty() &&
                          std::ranges::all_of(*array, [](const TomlValue& one) { return one.table() != nullptr; });
  return all_tables ? array : nullptr;
}

bool is_section(const TomlValue& value) { return value.table() != nullptr || as_sections(value) != nullptr; }

void write_members(const TomlTable&, const std::string& path, std::string& out);

// NOLINTNEXTLINE(misc-no-recursion): as deep as the value
void write_section(const TomlTable& table, std::string_view header, const std::string& path, std::string& out) {
  if (!out.empty()) out += '\n';
  out += header;
  out += '\n';
  write_members(table, path + ".", out);
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the value
void write_members(const TomlTable& table, const std::string& path, std::string& out) {
  for (const TomlMember& member : table.members()) {
    if (!is_section(member.value)) out += fmt::format("{} = {}\n", key_text(member.key), inline_text(member.value));
  }
  for (const TomlMember& member : table.members()) {
    const std::string name = path + key_text(member.key);
    if (const TomlTable* inner = member.value.table()) write_section(*inner, "[" + name + "]", name, out);
    if (const TomlArray* sections = as_sections(member.value)) {
      for (const TomlValue& section : *sections) write_section(*section.table(), "[[" + name + "]]", name, out);
    }
  }
}

}  // namespace

std::string write_toml(const TomlTable& table) {
  std::string out;
  write_members(table, "", out);
  return out;
}

}  // namespace mesh::buildpack::cnb
