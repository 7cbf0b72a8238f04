// Checks that docs/report.md has a row with the type for every key of a report, and no other row.

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <string>

#include "buildpack/report/otlp.h"
#include "buildpack/report/projection.h"
#include "schema/fact.h"
#include "support/cpp/otlp_spans.h"

namespace mesh::buildpack {
namespace {

using Types = std::map<std::string, std::string>;

std::string type_name(FactType type) {
  switch (type) {
    case FactType::string: return "string";
    case FactType::integer: return "integer";
    case FactType::boolean: return "boolean";
  }
  return "";
}

std::string type_name(const Value& value) {
  constexpr const char* kNames[] = {"string", "integer", "float", "boolean"};
  return kNames[value.index()];
}

// Returns a record with every possible field.
BuildRecord full_record() {
  BuildRecord record;
  record.failure = RecordedFailure{"area::reason", "user", "detail", Step::resolve};
  record.total = Duration(1);
  for (std::size_t i = 0; i < kStepNames.size(); ++i) {
    record.phases.push_back({static_cast<Step>(i), Duration(0), Duration(1)});
  }
  return record;
}

Types reported_keys() {
  Types types;
  for (const FactRow& row : kFactRows) types[std::string(row.key)] = type_name(row.type);
  for (const auto& [key, value] : project(full_record())) types[key] = type_name(value);
  return types;
}

Types documented_keys() {
  static const std::regex kRow("^\\| `([a-z0-9_]+)` \\| (string|integer|float|boolean) \\|.*");
  Types types;
  std::ifstream stream(MESH_TEST_DOCS "/report.md");
  for (std::string line; std::getline(stream, line);) {
    std::smatch match;
    if (std::regex_match(line, match, kRow)) types[match[1]] = match[2];
  }
  return types;
}

TEST(ReportReference, ListsEveryKeyWithItsType) { EXPECT_EQ(documented_keys(), reported_keys()); }

Value some_value(FactType type) {
  switch (type) {
    case FactType::string: return std::string("x");
    case FactType::integer: return std::int64_t{1};
    case FactType::boolean: return true;
  }
  return "";
}

// Returns the fact keys on the root span of a build with all facts, with the types of their values.
Types traced_keys() {
  static const Types kTypes = {
      {"stringValue", "string"}, {"intValue", "integer"}, {"doubleValue", "float"}, {"boolValue", "boolean"}};
  BuildRecord record = full_record();
  for (const FactRow& row : kFactRows) record.facts[std::string(row.key)] = some_value(row.type);
  Types types;
  const OrderedJson span = span_in(root_line({}, record));
  for (const auto& attribute : span.at("attributes")) {
    constexpr std::string_view kPrefix = "cnb.service_mesh.";
    const std::string key = attribute.at("key");
    if (!key.starts_with(kPrefix) || key.starts_with("cnb.service_mesh.error.")) continue;
    types[key.substr(kPrefix.size())] = kTypes.at(attribute.at("value").begin().key());
  }
  return types;
}

TEST(ReportReference, ListsTheKeysOfTheTrace) { EXPECT_EQ(documented_keys(), traced_keys()); }

}  // namespace
}  // namespace mesh::buildpack
