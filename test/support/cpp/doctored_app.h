#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/doctor/doctor.h"

namespace mesh::buildpack::doctor {

// An app in memory, for the doctor.
struct DoctoredApp {
  std::map<std::string, std::string, std::less<>> files = {};
  std::map<std::string, std::string, std::less<>> config = {{"HEROKU_APPLINK_TOKEN", "t"},
                                                            {"HEROKU_INTEGRATION_TOKEN", "t"}};
  Product product = Product::integration;
  bool config_known = true;

  procfile::App app() const {
    procfile::App app{.read = [this](std::string_view path) -> std::optional<std::string> {
                        const auto found = files.find(path);
                        return found == files.end() ? std::nullopt : std::optional(found->second);
                      },
                      .list = [this](std::string_view directory) { return names_in(directory); },
                      .arch = "amd64",
                      .product = product};
    if (config_known) {
      app.config = procfile::ConfigVars{{}, [this](std::string_view name) -> std::optional<std::string> {
                                          const auto found = config.find(name);
                                          return found == config.end() ? std::nullopt : std::optional(found->second);
                                        }};
      for (const auto& [name, value] : config) app.config->names.push_back(name);
    }
    return app;
  }

  Checkup examine() const { return doctor::examine(app()); }

  // "same-port Procfile:1", in the order in which they were found.
  std::vector<std::string> found() const {
    std::vector<std::string> lines;
    for (const Finding& finding : examine().findings) {
      lines.push_back(std::string(entry(finding.problem).id) + " " + finding.location);
    }
    return lines;
  }

  // Returns the suggestion of the first finding with this id, or "none" without such a finding.
  std::string suggestion_for(std::string_view id) const {
    for (const Finding& finding : examine().findings) {
      if (entry(finding.problem).id == id) return finding.suggestion;
    }
    return "none";
  }

 private:
  std::vector<std::string> names_in(std::string_view directory) const {
    std::set<std::string> names;
    const std::string prefix = directory.empty() ? "" : std::string(directory) + "/";
    for (const auto& [path, content] : files) {
      if (!path.starts_with(prefix)) continue;
      const std::string rest = path.substr(prefix.size());
      names.insert(rest.substr(0, rest.find('/')));
    }
    return {names.begin(), names.end()};
  }
};

}  // namespace mesh::buildpack::doctor
