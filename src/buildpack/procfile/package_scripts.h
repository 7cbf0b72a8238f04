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

// `manager` is the index of a word, `directory` is where the command runs. Nullopt if it is no package manager, or runs no
// script of the package.
std::optional<PackageScript> package_script(const std::vector<Token>& words, std::size_t manager,
                                            const std::string& directory, const App&);

}  // namespace mesh::buildpack::procfile
