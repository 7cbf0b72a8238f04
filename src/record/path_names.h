#pragma once

#include <string>
#include <utility>
#include <vector>

#include "platform/files.h"

namespace mesh {

// Names for directories whose paths differ from build to build, so that equal failures have equal details.
class PathNames {
 public:
  PathNames() = default;

  // Directories with their names: {"/tmp/build_1a2b3c4d", "BUILD_DIR"}. Absolute paths.
  explicit PathNames(std::vector<std::pair<Path, std::string>> directories);

  // Returns the text with the name in the place of each such path ("BUILD_DIR/vendor: Permission denied"), and without the
  // random part of the names of temporary directories.
  std::string shorten(std::string text) const;

 private:
  std::vector<std::pair<std::string, std::string>> names_;  // longest path first
};

}  // namespace mesh
