// docs/report.md has a row for every key that a report can hold, with its type, and for no other.

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <string>

#include "record/fact.h"
#include "report/projection.h"

namespace mesh {
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

// A record that has everything a record can have.
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

TEST(ReportReference, HasARowForEveryKeyWithItsType) { EXPECT_EQ(documented_keys(), reported_keys()); }

}  // namespace
}  // namespace mesh
