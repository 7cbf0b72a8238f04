#include <algorithm>

#include "base/json.h"
#include "fuzz/fuzz.h"
#include "record/build_record.h"
#include "report/projection.h"
#include "report/yaml.h"

// The record that a build left, and the report made of it.
namespace mesh::fuzz {
namespace {

constexpr std::size_t kMaxCharacters = 200;

// The scalar that the report prints for a value, read as JSON.
void check_scalar(std::string_view scalar, const Value& value) {
  const auto json = parse_json(scalar);
  MUST(json);
  if (const auto* text = std::get_if<std::string>(&value)) {
    MUST(json->is_string());
    MUST(json->get<std::string>() == text::clip(text::valid_utf8(*text), kMaxCharacters));
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    MUST(json->is_number_integer() && json->get<std::int64_t>() == *number);
  } else if (const auto* truth = std::get_if<bool>(&value)) {
    MUST(json->is_boolean() && json->get<bool>() == *truth);
  } else {
    MUST(json->is_number_float());
  }
}

void check_report(const Mapping& mapping) {
  const std::string yaml = to_yaml(mapping);
  MUST(yaml.ends_with('\n'));
  const auto lines = text::split(std::string_view(yaml).substr(0, yaml.size() - 1), '\n');
  MUST(lines.size() == mapping.size());
  std::size_t i = 0;
  for (const auto& [key, value] : mapping) {
    const std::string_view line = lines[i++];
    MUST(line.starts_with(key + ": "));
    MUST(is_printable_line(line));
    check_scalar(line.substr(key.size() + 2), value);
  }
}

void check(std::string_view json) {
  const auto record = parse_record(json);
  if (!record) return;
  const std::string text = serialize(*record);
  const auto again = parse_record(text);
  MUST(again);
  MUST(serialize(*again) == text);
  const Mapping report = project(*record);
  MUST(report.contains("build_status") && report.contains("build_step"));
  check_report(report);
}

}  // namespace
}  // namespace mesh::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mesh::fuzz::check(mesh::fuzz::as_text(data, size));
  return 0;
}
