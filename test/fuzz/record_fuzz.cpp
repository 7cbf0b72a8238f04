#include <algorithm>

#include "buildpack/report/projection.h"
#include "buildpack/report/yaml.h"
#include "common/json.h"
#include "fuzz/fuzz.h"
#include "schema/build_record.h"

// Fuzzes the record of a build and its report.
namespace mesh::buildpack::fuzz {
namespace {

constexpr std::size_t kMaxCharacters = 200;

// Parses the report's scalar for a value as JSON.
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

bool is_same(const PhaseRun& a, const PhaseRun& b) {
  return a.step == b.step && a.begin == b.begin && a.duration == b.duration;
}

bool is_same(const RecordedFailure& a, const RecordedFailure& b) {
  return a.reason == b.reason && a.classification == b.classification && a.detail == b.detail && a.step == b.step;
}

void check_same(const BuildRecord& a, const BuildRecord& b) {
  MUST(a.status == b.status && a.step == b.step && a.facts == b.facts && a.total == b.total);
  MUST(a.origin.request == b.origin.request && a.origin.directory == b.origin.directory);
  MUST(a.origin.changed_at == b.origin.changed_at);
  MUST(a.phases.size() == b.phases.size());
  for (std::size_t i = 0; i < a.phases.size(); ++i) MUST(is_same(a.phases[i], b.phases[i]));
  MUST(a.failure.has_value() == b.failure.has_value());
  MUST(!a.failure || is_same(*a.failure, *b.failure));
}

void check(std::string_view json) {
  const auto record = parse_record(json);
  if (!record) return;
  const auto again = parse_record(serialize(*record));
  MUST(again);
  check_same(*record, *again);
  const Mapping report = project(*record);
  MUST(report.contains("build_status") && report.contains("build_step"));
  check_report(report);
}

}  // namespace
}  // namespace mesh::buildpack::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mesh::buildpack::fuzz::check(mesh::buildpack::fuzz::as_text(data, size));
  return 0;
}
