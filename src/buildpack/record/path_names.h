#pragma once

#include <string>
#include <utility>
#include <vector>

#include "platform/files.h"

namespace mesh::buildpack {

// Replaces paths that vary between builds by names, so that equal failures have equal details.
class PathNames {
 public:
  PathNames() = default;

  // Takes absolute paths with their names: {"/tmp/build_1a2b3c4d", "BUILD_DIR"}.
  explicit PathNames(const std::vector<std::pair<Path, std::string>>& directories);

  // Returns the text with each path replaced by its name ("BUILD_DIR/vendor: Permission denied"), and without the random
  // part of the names of temporary directories.
  std::string shorten(std::string text) const;

 private:
  std::vector<std::pair<std::string, std::string>> names_;  // longest path first
};

}  // namespace mesh::buildpack
