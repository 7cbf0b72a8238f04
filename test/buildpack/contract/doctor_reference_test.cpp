// docs/doctor.md has a section for every finding of the doctor, with its id and its severity.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "buildpack/doctor/finding.h"

namespace mesh::buildpack::doctor {
namespace {

std::set<std::string> documented() {
  static const std::regex kHeading("^### `([a-z0-9-]+)` \\((error|warning|note)\\)$");
  std::set<std::string> sections;
  std::ifstream stream(MESH_TEST_DOCS "/doctor.md");
  for (std::string line; std::getline(stream, line);) {
    std::smatch match;
    if (std::regex_match(line, match, kHeading)) sections.insert(match.str(1) + " " + match.str(2));
  }
  return sections;
}

TEST(DoctorReference, HasASectionForEveryFindingAndForNoOther) {
  std::set<std::string> known;
  for (const ProblemEntry& row : problem_catalogue())
    known.insert(std::string(row.id) + " " + std::string(name(row.severity)));
  EXPECT_EQ(documented(), known);
}

TEST(ProblemCatalogue, HasEachIdOnceInKebabCase) {
  std::set<std::string_view> ids;
  for (const ProblemEntry& row : problem_catalogue()) {
    EXPECT_TRUE(ids.insert(row.id).second) << row.id;
    EXPECT_THAT(std::string(row.id), testing::MatchesRegex("[a-z]+(-[a-z]+)*"));
  }
}

}  // namespace
}  // namespace mesh::buildpack::doctor
