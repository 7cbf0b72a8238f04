#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/doctor/finding.h"
#include "buildpack/procfile/app.h"
#include "buildpack/procfile/shell_commands.h"

namespace mesh::buildpack::doctor {

// A mesh's YAML file.
struct MeshYaml {
  std::optional<int> port = {};  // app.port
  std::vector<Finding> findings = {};
};

// Reads the content of such a file; `path` names it in the findings. Any bytes are fine; a file beyond 64 KB is not read.
MeshYaml check_mesh_yaml(std::string_view content, const std::string& path, const procfile::App&);

// Finds the file that the installed mesh reads in its working directory ("" is the root) and checks it; finds those that it
// will not read for their name or place.
MeshYaml check_settings_files(const procfile::App&, const std::vector<std::string>& working_directories);

// Finds config vars that stop the mesh or weaken it. Finds nothing where they are not known.
std::vector<Finding> check_config(const procfile::App&);

// Finds the same settings among the variables that a command at `place` gives the mesh.
std::vector<Finding> check_set_variables(const procfile::Scope& mesh, const std::string& place);

}  // namespace mesh::buildpack::doctor
