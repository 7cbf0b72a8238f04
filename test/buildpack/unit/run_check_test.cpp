#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "buildpack/run_check/checks.h"
#include "common/text.h"

namespace mesh::buildpack::run_check {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr const char* kIntegration =
    "/layers/heroku_heroku-integration-service-mesh/service-mesh/exec.d/web/service-mesh-integration";
constexpr const char* kApplink =
    "/layers/heroku_heroku-integration-service-mesh/service-mesh/exec.d/web/service-mesh-applink";
constexpr const char* kSound[] = {"PORT=5006",
                                  "APP_PORT=3000",
                                  "HEROKU_INTEGRATION_TOKEN=t",
                                  "HEROKU_INTEGRATION_API_URL=u",
                                  "HEROKU_APPLINK_TOKEN=t",
                                  "HEROKU_APPLINK_API_URL=u"};

// An environment with nothing to say about, but for what is given, which comes first.
std::vector<std::string> sound_but(std::vector<std::string> first) {
  first.insert(first.end(), std::begin(kSound), std::end(kSound));
  return first;
}

std::string said(const char* name, const std::vector<std::string>& entries) {
  std::vector<const char*> environment;
  environment.reserve(entries.size() + 1);
  for (const std::string& entry : entries) environment.push_back(entry.c_str());
  environment.push_back(nullptr);
  Report report;
  check(name, environment.data(), report);
  return {report.text().begin, report.text().size};
}

// Its lines, without what each begins with.
std::vector<std::string> lines(const char* name, const std::vector<std::string>& entries) {
  constexpr std::string_view kStart = "Heroku Service Mesh Buildpack: ";
  const std::string text = said(name, entries);
  std::vector<std::string> result;
  for (const std::string_view line : text::split(text, '\n')) {
    if (line.empty()) continue;
    EXPECT_THAT(std::string(line), StartsWith(std::string(kStart)));
    result.emplace_back(line.substr(std::min(kStart.size(), line.size())));
  }
  return result;
}

TEST(RunCheck, ReportsNothingForAValidEnvironment) {
  EXPECT_EQ(said(kIntegration, sound_but({})), "");
  EXPECT_EQ(said(kApplink, sound_but({})), "");
}

TEST(RunCheck, ReportsAMissingAppPort) {
  EXPECT_THAT(lines(kApplink, sound_but({"APP_PORT="})), ElementsAre(StartsWith("APP_PORT is not set.")));
  EXPECT_THAT(lines(kApplink, sound_but({"APP_PORT= \t"})), ElementsAre(StartsWith("APP_PORT is not set.")));
  EXPECT_THAT(lines("service-mesh-applink-own-port", sound_but({"APP_PORT="})), IsEmpty());
}

TEST(RunCheck, ReportsOnePortForBoth) {
  EXPECT_THAT(lines(kApplink, sound_but({"APP_PORT=5006"})), ElementsAre(StartsWith("APP_PORT is the same as PORT.")));
  EXPECT_THAT(lines(kApplink, sound_but({"APP_PORT= 5006\n"})), ElementsAre(StartsWith("APP_PORT is the same as PORT.")));
  EXPECT_THAT(lines(kApplink, sound_but({"APP_PORT=50061"})), IsEmpty());
  EXPECT_THAT(lines(kApplink, {"PORT=", "HEROKU_APPLINK_API_URL=u"}), ElementsAre(StartsWith("APP_PORT is not set.")));
}

TEST(RunCheck, ReportsTheMissingAddonOfTheInstalledProduct) {
  EXPECT_THAT(lines(kIntegration, sound_but({"HEROKU_INTEGRATION_TOKEN="})),
              ElementsAre(StartsWith("HEROKU_INTEGRATION_TOKEN is not set.")));
  EXPECT_THAT(
      lines(kIntegration, {"APP_PORT=1", "HEROKU_APPLINK_TOKEN=t", "HEROKU_APPLINK_API_URL=u"}),
      ElementsAre(StartsWith("HEROKU_INTEGRATION_TOKEN is not set."), StartsWith("HEROKU_INTEGRATION_API_URL is not")));
  EXPECT_THAT(lines(kApplink, {"APP_PORT=1", "HEROKU_APPLINK_TOKEN=t"}),
              ElementsAre(StartsWith("HEROKU_APPLINK_API_URL is")));
  EXPECT_THAT(lines("mesh-check", {"APP_PORT=1"}), IsEmpty());
}

TEST(RunCheck, TakesAnApplinkAttachmentOfAnyName) {
  EXPECT_THAT(lines(kApplink, {"APP_PORT=1", "HEROKU_APPLINK_BLUE_API_URL=u"}), IsEmpty());
  EXPECT_THAT(lines(kApplink, {"APP_PORT=1", "HEROKU_APPLINK_BLUE_API_URL=", "HEROKU_APPLINK_SERVICE_MESH_API_URL=u"}),
              testing::SizeIs(2));
}

TEST(RunCheck, ReportsDisabledChecks) {
  for (const char* value : {"1", "t", "True", "YES", " on "}) {
    const std::string assignment = std::string("HEROKU_APPLINK_SERVICE_MESH_BYPASS_ALL_ROUTES=") + value;
    EXPECT_THAT(lines(kApplink, sound_but({assignment})),
                ElementsAre(StartsWith("HEROKU_APPLINK_SERVICE_MESH_BYPASS_ALL_ROUTES is set.")));
    EXPECT_THAT(lines(kIntegration, sound_but({assignment})), IsEmpty());
    EXPECT_THAT(lines("mesh-check", sound_but({assignment})), testing::SizeIs(1));
  }
  for (const char* value : {"", "0", "false", "11", "o n"}) {
    const std::string assignment = std::string("HEROKU_INTEGRATION_SERVICE_MESH_BYPASS_ALL_ROUTES=") + value;
    EXPECT_THAT(lines(kIntegration, sound_but({assignment})), IsEmpty()) << value;
  }
}

TEST(RunCheck, ReportsALogThatContainsTokens) {
  EXPECT_THAT(lines(kApplink, sound_but({"GO_LOG=Debug"})), ElementsAre(StartsWith("GO_LOG is debug.")));
  EXPECT_THAT(lines(kApplink, sound_but({"GO_LOG=info"})), IsEmpty());
}

TEST(RunCheck, PrintsNoValue) {
  const std::string text =
      said(kApplink, {"APP_PORT=secret", "PORT=secret", "HEROKU_APPLINK_TOKEN=secret", "GO_LOG=debug", "X=secret"});
  EXPECT_NE(text, "");
  EXPECT_THAT(text, testing::Not(HasSubstr("secret")));
}

TEST(RunCheck, UsesTheFirstOfSeveralValues) {
  EXPECT_THAT(lines(kApplink, sound_but({"GO_LOG=info", "GO_LOG=debug"})), IsEmpty());
}

TEST(RunCheck, SurvivesAnyEnvironment) {
  Report report;
  check(nullptr, nullptr, report);
  EXPECT_GT(report.text().size, 0U);
  const std::string huge(1 << 20, 'x');
  EXPECT_THAT(lines(huge.c_str(), {"", "=", "==", "APP_PORT", "APP_PORTX=1", "=APP_PORT=1", "\xFF=\xFE", "HEROKU_APPLINK_",
                                   huge, "APP_PORT=" + huge, "PORT=" + huge}),
              ElementsAre(StartsWith("APP_PORT is the same as PORT.")));
}

TEST(RunCheck, WritesAtMostOnePipeBuffer) {
  Report report;
  const std::string text(5000, 'x');
  report.add({text.data(), text.size()});
  report.add({text.data(), text.size()});
  EXPECT_EQ(report.text().size, 4096U);
}

}  // namespace
}  // namespace mesh::buildpack::run_check
