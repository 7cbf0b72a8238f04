#pragma once

#include <optional>
#include <string>
#include <vector>

#include "buildpack/procfile/app.h"
#include "buildpack/procfile/shell_words.h"

namespace mesh::buildpack::procfile {

// The script of a package.json that a command runs: "npm start", "yarn workspace api run web -- -p 1".
struct PackageScript {
  std::string name = {};
  std::optional<std::string> directory = {};  // where it runs, with the package.json; nullopt if that cannot be known
  std::string arguments = {};                 // for the script, each behind a space
  std::optional<std::string> text = {};       // with the arguments; nullopt if it cannot be known
};

// Returns the script that `words` run in `directory`; `manager` is the index of the package manager. Returns nullopt if that
// word is not a package manager or it runs no script.
std::optional<PackageScript> package_script(const std::vector<Token>& words, std::size_t manager,
                                            const std::string& directory, const App&);

}  // namespace mesh::buildpack::procfile
