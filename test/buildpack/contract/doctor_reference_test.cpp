// docs/doctor.md ends with a section for each problem, generated from problems.inc. MESH_UPDATE_GOLDEN=1
// (script/update-docs) regenerates it.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "buildpack/doctor/finding.h"

namespace mesh::buildpack::doctor {
namespace {

const std::string kFile = std::string(MESH_TEST_DOCS) + "/doctor.md";
constexpr std::string_view kMarker =
    "<!-- The rest is generated from src/buildpack/doctor/problems.inc by script/update-docs. -->\n";

std::string section(std::string_view title, std::string_view introduction) {
  return fmt::format("\n## {}\n{}", title, introduction.empty() ? "" : fmt::format("\n{}\n", introduction));
}

std::string subsection(std::string_view id, Severity severity, std::string_view description) {
  return fmt::format("\n### `{}` ({})\n\n{}\n", id, name(severity), description);
}

std::string generated() {
  std::string text;
#define SECTION(title, introduction) text += section(title, introduction);
#define PROBLEM(name, id, severity, message, description) text += subsection(id, Severity::severity, description);
#include "buildpack/doctor/problems.inc"
#undef PROBLEM
#undef SECTION
  return text;
}

std::string read() {
  std::ifstream stream(kFile, std::ios::binary);
  return (std::ostringstream() << stream.rdbuf()).str();
}

TEST(DoctorReference, IsGeneratedFromTheProblems) {
  std::string text = read();
  const std::size_t marker = text.find(kMarker);
  ASSERT_NE(marker, std::string::npos);
  const std::string current = text.substr(0, marker) + std::string(kMarker) + generated();
  if (std::getenv("MESH_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(kFile, std::ios::binary) << current;
    text = current;
  }
  EXPECT_EQ(text, current) << "run script/update-docs";
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
