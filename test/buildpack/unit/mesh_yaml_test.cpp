#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "buildpack/doctor/settings_checks.h"
#include "support/cpp/doctored_app.h"

namespace mesh::buildpack::doctor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kValid =
    "app:\n  port: 3000\n  host: http://127.0.0.1\nmesh:\n  authentication:\n    bypassRoutes: [\"/exact\", \"/prefix*\"]\n"
    "  healthcheck:\n    enable: \"true\"\n    route: /healthcheck\n";

std::vector<std::string> found_in(std::string_view yaml) {
  std::vector<std::string> lines;
  for (const Finding& finding : check_mesh_yaml(yaml, "m.yaml", {}).findings) {
    lines.push_back(std::string(entry(finding.problem).id) + " " + finding.location);
  }
  return lines;
}

std::string instead_in(std::string_view yaml) { return check_mesh_yaml(yaml, "m.yaml", {}).findings.at(0).suggestion; }

TEST(MeshYaml, HasNoFindingsWhenItIsValid) {
  EXPECT_THAT(found_in(kValid), IsEmpty());
  EXPECT_THAT(found_in("app: {port: \"8080\"}\n"), IsEmpty());
  EXPECT_THAT(found_in("mesh:\napp:\n  # nothing\n"), IsEmpty());
}

TEST(MeshYaml, ProvidesThePort) { EXPECT_EQ(check_mesh_yaml(kValid, "m.yaml", {}).port, 3000); }

TEST(MeshYaml, RejectsUnknownKeys) {
  EXPECT_THAT(found_in("app:\n  prot: 1\nmash: {}\n"),
              ElementsAre("yaml-unknown-key m.yaml:2", "yaml-unknown-key m.yaml:3"));
  EXPECT_EQ(instead_in("authentication:\n  bypassRoutes: []\n"), "mesh:\n  authentication:");
}

TEST(MeshYaml, RejectsTabs) {
  EXPECT_THAT(found_in("app:\n\tport: 3000\n"), ElementsAre("yaml-tabs m.yaml:2"));
  EXPECT_EQ(instead_in("app:\n\tport: 3000\n"), "  port: 3000");
}

TEST(MeshYaml, RejectsOtherDocumentsThanAMapping) {
  for (const std::string_view text :
       {"", "# only a comment\n", "[]", "text", "- a\n", "app: [", "app: {port: 1\n", "a: b: c\n"}) {
    EXPECT_THAT(found_in(text), ElementsAre(testing::StartsWith("yaml-invalid m.yaml:"))) << text;
  }
  EXPECT_THAT(found_in("app:\n  port: 1\napp:\n  port: 2\n"), ElementsAre("yaml-invalid m.yaml:3"));
}

TEST(MeshYaml, RejectsValuesOfTheWrongType) {
  EXPECT_THAT(found_in("app: 3000\n"), ElementsAre("yaml-wrong-type m.yaml:1"));
  EXPECT_THAT(found_in("mesh:\n  authentication:\n    bypassRoutes: /x\n"), ElementsAre("yaml-wrong-type m.yaml:3"));
  EXPECT_THAT(found_in("app:\n  port: [1]\n"), ElementsAre("yaml-wrong-type m.yaml:2"));
}

TEST(MeshYaml, RejectsAHostWithoutAScheme) {
  EXPECT_THAT(found_in("app:\n  host: localhost\n"), ElementsAre("yaml-host-without-scheme m.yaml:2"));
  EXPECT_EQ(instead_in("app:\n  host: localhost # here\n"), "  host: http://localhost # here");
}

TEST(MeshYaml, RejectsABypassOfEverything) {
  for (const std::string_view route : {"*", "/*"}) {
    const std::string yaml =
        "mesh:\n  authentication:\n    bypassRoutes:\n      - /a\n      - \"" + std::string(route) + "\"\n";
    EXPECT_THAT(found_in(yaml), ElementsAre("yaml-bypass-all m.yaml:5")) << route;
  }
}

TEST(MeshYaml, RequiresAcknowledgedBypassesOnlyForAppLink) {
  DoctoredApp app{.files = {{"Procfile", "web: APP_PORT=3000 heroku-applink-service-mesh a\n"},
                            {"heroku-applink-service-mesh.yaml", std::string(kValid)}},
                  .product = Product::applink};
  EXPECT_THAT(app.found(), ElementsAre("yaml-bypass-unacknowledged heroku-applink-service-mesh.yaml:6"));
  app.config["HEROKU_APPLINK_SERVICE_MESH_ACKNOWLEDGE_RISK_BYPASS"] = "true";
  EXPECT_THAT(app.found(), IsEmpty());
  app.config_known = false;
  EXPECT_THAT(app.found(), IsEmpty());
}

class SettingsFile : public testing::Test {
 protected:
  DoctoredApp app{.files = {{"Procfile", "web: APP_PORT=3000 heroku-integration-service-mesh a\n"}}};
};

TEST_F(SettingsFile, RejectsTheNameOfTheOtherProduct) {
  for (const std::string name :
       {"heroku-applink-service-mesh.yaml", "heroku-integration-service-mesh.yml", "heroku-applink-service-mesh.yml"}) {
    DoctoredApp other = app;
    other.files[name] = kValid;
    EXPECT_THAT(other.found(), ElementsAre("yaml-wrong-name " + name));
    EXPECT_EQ(other.suggestion_for("yaml-wrong-name"), "git mv " + name + " heroku-integration-service-mesh.yaml");
  }
}

TEST_F(SettingsFile, RejectsAFileOutsideTheRoot) {
  app.files["config/heroku-integration-service-mesh.yaml"] = kValid;
  EXPECT_THAT(app.found(), ElementsAre("yaml-not-in-root config/heroku-integration-service-mesh.yaml"));
}

TEST_F(SettingsFile, RejectsADirectory) {
  app.files["config/heroku-integration-service-mesh.yaml/README"] = "";
  EXPECT_THAT(app.found(), IsEmpty());
}

TEST_F(SettingsFile, AcceptsAFileInTheDirectoryOfTheWebProcess) {
  app.files["Procfile"] = "web: cd api && heroku-integration-service-mesh serve -l 3000\n";
  app.files["api/heroku-integration-service-mesh.yaml"] = kValid;
  EXPECT_THAT(app.found(), IsEmpty());
}

TEST_F(SettingsFile, SetsThePortWhenNoOtherSettingDoes) {
  app.files["heroku-integration-service-mesh.yaml"] = "app:\n  port: 5000\n";
  app.files["Procfile"] = "web: heroku-integration-service-mesh a\n";
  EXPECT_THAT(app.found(), IsEmpty());
  app.files["Procfile"] = "web: heroku-integration-service-mesh uvicorn a --port 3000\n";
  EXPECT_THAT(app.found(), ElementsAre("app-port-mismatch Procfile:1"));
  EXPECT_EQ(app.suggestion_for("app-port-mismatch"),
            "web: APP_PORT=3000 heroku-integration-service-mesh uvicorn a --port 3000");
}

TEST(MeshYamlReader, TerminatesForAnyInput) {
  std::string aliases = "a: &a [x]\n";
  for (char c = 'b'; c < 'z'; ++c) {
    aliases += std::string(1, c) + ": &" + c + " [*" + static_cast<char>(c - 1) + ", *" + static_cast<char>(c - 1) + "]\n";
  }
  std::string stairs;
  for (std::size_t i = 0; i < 400; ++i) stairs += std::string(i, ' ') + "a:\n";
  std::string dashes;
  for (int i = 0; i < 5000; ++i) dashes += "- ";
  for (const std::string& text :
       {std::string(50'000, '['), std::string(50'000, '{'), dashes, stairs, aliases, std::string(100'000, 'a'),
        std::string("\0\xFF\xFE", 3), std::string("app: &x\n  <<: *x\n"), std::string("? ? ? ? a"),
        std::string("!!binary x: !<tag> y"), std::string("%YAML 9.9\n---\napp:\n"), std::string("*x")}) {
    check_mesh_yaml(text, "m.yaml", {});
  }
}

}  // namespace
}  // namespace mesh::buildpack::doctor
