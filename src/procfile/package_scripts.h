#pragma once

#include <optional>
#include <string>
#include <vector>

#include "procfile/app.h"
#include "procfile/shell_words.h"

namespace mesh::procfile {

// A script of a package.json.
struct PackageScript {
  std::string name;
  std::string file;       // "api/package.json"
  std::string text;       // with the arguments that it is given
  std::string directory;  // where it runs
};

// How a package manager is called: "npm start", "yarn workspace api run web -- -p 1".
struct PackageCall {
  std::optional<PackageScript> script = {};  // nullopt if it runs none
  bool unknown = false;                      // true if the script cannot be found out
};

// `program` is the index of the package manager; `directory` is where it runs.
PackageCall package_call(const std::vector<Token>& words, std::size_t program, const std::string& directory, const App&);

bool is_package_manager(std::string_view program);

}  // namespace mesh::procfile
