#include <gtest/gtest.h>

#include <map>

#include "buildpack/doctor/product.h"

namespace mesh::buildpack::doctor {

using procfile::App;
using procfile::ConfigVars;
namespace {

class ProductChoiceTest : public testing::Test {
 protected:
  // The product that is chosen, and why.
  std::string chosen() {
    const ProductChoice choice = choose_product(app());
    return std::string(name(choice.product)) + ": " + choice.reason;
  }
  App app() {
    App app{.product = setting_};
    app.read = [this](std::string_view path) -> std::optional<std::string> {
      const auto found = files_.find(std::string(path));
      return found == files_.end() ? std::nullopt : std::optional(found->second);
    };
    app.list = [](std::string_view) { return std::vector<std::string>(); };
    app.config = ConfigVars{config_, [](std::string_view) { return std::optional<std::string>("x"); }};
    return app;
  }

  std::map<std::string, std::string> files_;
  std::vector<std::string> config_;
  std::optional<Product> setting_;
};

TEST_F(ProductChoiceTest, IsIntegrationByDefault) { EXPECT_EQ(chosen(), "integration: nothing names another one"); }

TEST_F(ProductChoiceTest, UsesTheSettingFirst) {
  setting_ = Product::integration;
  files_["Procfile"] = "web: heroku-applink-service-mesh -- npm start\n";
  EXPECT_EQ(chosen(), "integration: HEROKU_SERVICE_MESH_PRODUCT says so");
}

TEST_F(ProductChoiceTest, UsesTheMeshInTheProcfile) {
  files_["Procfile"] =
      "# heroku-integration-service-mesh\nworker: heroku-integration-service-mesh x\n"
      "web: /app/vendor/heroku-applink/bin/heroku-applink-service-mesh-latest-amd64 -- npm start\n";
  config_ = {"HEROKU_INTEGRATION_TOKEN"};
  EXPECT_EQ(chosen(), "applink: the Procfile calls heroku-applink-service-mesh");
  files_["Procfile"] = "web: npm start\nworker: heroku-applink-service-mesh -- x\n";
  EXPECT_EQ(chosen(), "applink: the Procfile calls heroku-applink-service-mesh");
}

TEST_F(ProductChoiceTest, ReportsAMisspelledName) {
  files_["Procfile"] = "web: APP_PORT=3000 heroku-applink-mesh npm start\n";
  EXPECT_EQ(chosen(), "applink: the Procfile calls a program with a name similar to heroku-applink-service-mesh");
  files_["Procfile"] = "web: ./start.sh\n";
  files_["start.sh"] = "exec heroku_integration_service_mesh npm start\n";
  EXPECT_EQ(chosen(), "integration: start.sh calls a program with a name similar to heroku-integration-service-mesh");
}

TEST_F(ProductChoiceTest, IgnoresAMisspelledNameThatFitsBothProducts) {
  files_["Procfile"] = "web: APP_PORT=3000 heroku-service-mesh npm start\n";
  EXPECT_EQ(chosen(), "integration: nothing names another one");
  config_ = {"HEROKU_APPLINK_TOKEN"};
  EXPECT_EQ(chosen(), "applink: the config vars of its add-on are set");
}

TEST_F(ProductChoiceTest, IgnoresComments) {
  files_["Procfile"] = "# web: heroku-applink-service-mesh -- npm start\nweb: npm start\n";
  EXPECT_EQ(chosen(), "integration: nothing names another one");
}

TEST_F(ProductChoiceTest, UsesTheMeshInAScriptOfTheWebProcess) {
  files_["Procfile"] = "web: ./start.sh\n";
  files_["start.sh"] = "#!/bin/sh\nexec heroku-applink-service-mesh -- npm start\n";
  EXPECT_EQ(chosen(), "applink: start.sh calls heroku-applink-service-mesh");
}

TEST_F(ProductChoiceTest, IgnoresMeshNamesInTheOutputOfAScript) {
  files_["Procfile"] = "web: ./start.sh\n";
  for (const std::string script :
       {"# heroku-applink-service-mesh came first\nexec heroku-integration-service-mesh npm start\n",
        "cat <<END\nheroku-applink-service-mesh\nEND\nheroku-integration-service-mesh npm start\n",
        "echo not heroku-applink-service-mesh\nM=heroku-integration-service-mesh\n$M npm start\n"}) {
    files_["start.sh"] = "#!/bin/sh\n" + script;
    EXPECT_EQ(chosen(), "integration: start.sh calls heroku-integration-service-mesh") << script;
  }
  files_["Procfile"] = "web: npm start # heroku-applink-service-mesh is to come\n";
  EXPECT_EQ(chosen(), "integration: nothing names another one");
}

TEST_F(ProductChoiceTest, UsesTheMeshInAPackageScript) {
  files_["Procfile"] = "web: cd api && npm start\n";
  files_["api/package.json"] = R"({"scripts": {"start": "heroku-applink-service-mesh -- node x.js"}})";
  EXPECT_EQ(chosen(), "applink: api/package.json calls heroku-applink-service-mesh");
}

TEST_F(ProductChoiceTest, UsesTheNameOfTheYamlFile) {
  files_["heroku-applink-service-mesh.yaml"] = "";
  EXPECT_EQ(chosen(), "applink: heroku-applink-service-mesh.yaml is there");
}

TEST_F(ProductChoiceTest, UsesTheAttachedAddon) {
  config_ = {"HEROKU_APPLINK_CYAN_API_URL", "HEROKU_INTEGRATION_SERVICE_MESH_REPO_OWNER"};
  EXPECT_EQ(chosen(), "applink: the config vars of its add-on are set");
  config_ = {"HEROKU_APPLINK_API_URL", "HEROKU_INTEGRATION_TOKEN"};
  EXPECT_EQ(chosen(), "integration: nothing names another one");
}

TEST_F(ProductChoiceTest, UsesTheSettingsOfThisBuildpackLast) {
  config_ = {"HEROKU_APPLINK_SERVICE_MESH_RELEASE_VERSION"};
  EXPECT_EQ(chosen(), "applink: config vars HEROKU_APPLINK_SERVICE_MESH_... are set");
}

}  // namespace
}  // namespace mesh::buildpack::doctor
