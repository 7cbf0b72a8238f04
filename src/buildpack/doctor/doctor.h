#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "buildpack/doctor/finding.h"
#include "buildpack/procfile/app.h"

namespace mesh::buildpack::doctor {

// How the app's web process starts. The names are the values of the report's `procfile_web`.
// unknown: it is no simple command, or starts a program that cannot be followed.
enum class WebProcess { wrapped, unwrapped, missing, no_procfile, unknown };

std::string_view name(WebProcess);

// The doctor's report on an app.
struct Checkup {
  Product product = Product::integration;
  WebProcess web = WebProcess::no_procfile;
  std::string web_command = {};        // where there is a web process
  bool chooses_app_port = false;       // where the app listens is said in the app, not left to config vars
  std::vector<Finding> findings = {};  // by place: the Procfile, what it starts, config vars, the YAML file

  std::vector<std::string> mistakes() const;  // the ids of errors and warnings, sorted, each once
};

// Looks for everything that the catalogue knows. Takes any bytes for files; never fails.
Checkup examine(const procfile::App&);

}  // namespace mesh::buildpack::doctor
