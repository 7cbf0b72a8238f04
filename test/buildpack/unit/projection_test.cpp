#include "buildpack/report/projection.h"

#include <gtest/gtest.h>

namespace mesh::buildpack {
namespace {

using namespace std::chrono_literals;

std::string text_of(const Mapping& mapping, const std::string& key) { return std::get<std::string>(mapping.at(key)); }

TEST(Project, HasStatusAndStep) {
  const auto status = [](BuildStatus given) { return text_of(project({.status = given}), "build_status"); };
  EXPECT_EQ(status(BuildStatus::success), "success");
  EXPECT_EQ(status(BuildStatus::failure), "failure");
  EXPECT_EQ(status(BuildStatus::interrupted), "interrupted");
  EXPECT_EQ(status(BuildStatus::declined), "declined");
  EXPECT_EQ(text_of(project({.step = Step::inspect}), "build_step"), "inspect");
}

TEST(Project, ReportsARunningBuildAsInterrupted) {
  EXPECT_EQ(text_of(project({.status = BuildStatus::running}), "build_status"), "interrupted");
}

TEST(Project, HasEveryFactUnderItsKey) {
  const Mapping mapping = project({.facts = {{"stack", std::string("heroku-24")}, {"download_bytes", std::int64_t{7}}}});
  EXPECT_EQ(mapping.at("stack"), Value(std::string("heroku-24")));
  EXPECT_EQ(mapping.at("download_bytes"), Value(std::int64_t{7}));
}

TEST(Project, AddsUpTheRunsOfAStepInSeconds) {
  const Mapping mapping =
      project({.phases = {{Step::resolve, 0s, 250ms}, {Step::download, 1s, 2s}, {Step::resolve, 4s, 500ms}}, .total = 5s});
  EXPECT_EQ(mapping.at("resolve_duration"), Value(0.75));
  EXPECT_EQ(mapping.at("download_duration"), Value(2.0));
  EXPECT_EQ(mapping.at("total_duration"), Value(5.0));
}

TEST(Project, OmitsUnfinishedSteps) {
  const Mapping mapping = project({.phases = {{Step::settings, 0s, 1s}, {Step::download, 1s}}});
  EXPECT_FALSE(mapping.contains("download_duration"));
  EXPECT_FALSE(mapping.contains("total_duration"));
}

TEST(Project, HasNoDurationForOtherSteps) {
  const Mapping mapping = project({.phases = {{Step::settings, 0s, 1s}, {Step::done, 1s, 1s}}});
  EXPECT_EQ(mapping.size(), 2u);
}

TEST(Project, HasTheFieldsOfTheFailure) {
  const Mapping mapping = project(
      {.status = BuildStatus::failure, .failure = RecordedFailure{"network::dns", "upstream", "host", Step::resolve}});
  EXPECT_EQ(text_of(mapping, "failure_reason"), "network::dns");
  EXPECT_EQ(text_of(mapping, "failure_classification"), "upstream");
  EXPECT_EQ(text_of(mapping, "failure_detail"), "host");
  EXPECT_EQ(text_of(mapping, "failure_step"), "resolve");
}

TEST(Project, HasNoFailureKeysAfterASuccess) {
  for (const auto& [key, value] : project({.status = BuildStatus::success})) EXPECT_FALSE(key.starts_with("failure")) << key;
}

}  // namespace
}  // namespace mesh::buildpack
