#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "procfile/app.h"
#include "procfile/finding.h"

namespace mesh::procfile {

// What a mesh's YAML file says, and what is wrong with it.
struct MeshYaml {
  std::optional<int> port = {};  // app.port
  std::vector<Finding> findings = {};
};

// Reads the content of such a file; `path` names it in the findings. Any bytes are fine; a file beyond 64 KB or nested
// deeper than any that the mesh knows is not read.
MeshYaml check_mesh_yaml(std::string_view content, const std::string& path, const App&);

// Finds the file that the installed mesh reads in its working directory ("" is the root) and checks it; finds those that it
// will not read for their name or place.
MeshYaml check_settings_files(const App&, const std::vector<std::string>& working_directories);

}  // namespace mesh::procfile
