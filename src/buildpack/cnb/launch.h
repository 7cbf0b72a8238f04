#pragma once

#include <string>
#include <vector>

#include "buildpack/cnb/component.h"
#include "buildpack/cnb/process.h"

namespace mesh::buildpack::cnb {

// A label of the image.
struct Label {
  std::string key;
  std::string value;
};

// Returns the labels of the mesh: com.heroku.service-mesh.product, .version (if it is known), .arch and .sha256.
std::vector<Label> labels_of(const Component&);

// Returns the content of launch.toml; empty without processes and labels. Precondition: at most one default, no empty
// command.
std::string launch_toml(const std::vector<Process>&, const std::vector<Label>&);

}  // namespace mesh::buildpack::cnb
