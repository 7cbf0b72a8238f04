#include "procfile/config_checks.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "procfile/ports.h"

namespace mesh::procfile {
namespace {

constexpr std::array<std::string_view, 2> kBypasses = {"HEROKU_INTEGRATION_SERVICE_MESH_BYPASS_ALL_ROUTES",
                                                       "HEROKU_APPLINK_SERVICE_MESH_BYPASS_ALL_ROUTES"};

// As the mesh's Go reads a boolean, and as people write one.
bool is_true(std::string_view value) {
  constexpr std::array<std::string_view, 5> kTrue = {"1", "t", "true", "yes", "on"};
  return std::ranges::find(kTrue, text::lower(text::trim(value))) != kTrue.end();
}

bool bypasses(std::string_view name, std::string_view value) {
  return std::ranges::find(kBypasses, name) != kBypasses.end() && is_true(value);
}

bool prints_tokens(std::string_view name, std::string_view value) {
  return name == "GO_LOG" && text::equals_ignoring_case(text::trim(value), "debug");
}

// Of any attachment: HEROKU_APPLINK_TOKEN, HEROKU_APPLINK_BLUE_TOKEN.
bool is_addon_variable(std::string_view name) {
  const bool product = name.starts_with("HEROKU_INTEGRATION_") || name.starts_with("HEROKU_APPLINK_");
  return product && (name.ends_with("_TOKEN") || name.ends_with("_API_URL")) &&
         name.find("SERVICE_MESH") == std::string_view::npos;
}

std::string place_of(std::string_view name) { return "config var " + std::string(name); }

}  // namespace

std::vector<Finding> check_config(const App& app) {
  std::vector<Finding> findings;
  if (!app.config) return findings;
  if (std::ranges::none_of(app.config->names, is_addon_variable)) {
    const std::string prefix = app.product == Product::integration ? "HEROKU_INTEGRATION" : "HEROKU_APPLINK";
    findings.push_back(
        make_finding(Problem::addon_vars_missing, "config vars " + prefix + "_TOKEN and " + prefix + "_API_URL"));
  }
  const auto port = app.config_value("APP_PORT");
  if (port && !parse_port(*port)) {
    findings.push_back(make_finding(Problem::app_port_invalid, place_of("APP_PORT"), {}, "heroku config:set APP_PORT=3000"));
  }
  for (const std::string_view name : kBypasses) {
    if (bypasses(name, app.config_value(name).value_or(""))) {
      findings.push_back(
          make_finding(Problem::auth_bypassed, place_of(name), {}, "heroku config:unset " + std::string(name)));
    }
  }
  if (prints_tokens("GO_LOG", app.config_value("GO_LOG").value_or(""))) {
    findings.push_back(make_finding(Problem::debug_log, place_of("GO_LOG"), {}, "heroku config:unset GO_LOG"));
  }
  return findings;
}

std::vector<Finding> check_set_variables(const std::vector<Token>& assignments, const std::string& place) {
  std::vector<Finding> findings;
  for (const Token& token : assignments) {
    const std::string name = assigned_name(token).value_or("");
    const std::string value = assigned_value(token);
    if (bypasses(name, value)) findings.push_back(make_finding(Problem::auth_bypassed, place));
    if (prints_tokens(name, value)) findings.push_back(make_finding(Problem::debug_log, place));
  }
  return findings;
}

}  // namespace mesh::procfile
