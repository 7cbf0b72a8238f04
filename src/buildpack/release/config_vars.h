#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/base/failure.h"
#include "platform/environment.h"
#include "platform/files.h"

namespace mesh::buildpack {

// The config vars of an app: the files of a directory, one per config var, over the environment variables of this process. A
// file hides the variable of its name, even if the file is empty. Nothing else reads that directory, and a file is read only
// if its name is asked for: the others are the app's secrets.
class ConfigVars {
 public:
  // Lists `directory`. No directory, or a missing one, counts as one without files. Keeps the cause if it cannot be listed,
  // for those who ask for a config var. Borrows the files.
  ConfigVars(const std::optional<Path>& directory, Environment, Files&);

  // Returns the value without spaces and newlines around it; nullopt if it is unset or empty. Fails with config::unreadable
  // if the directory cannot be listed, the file is unreadable or larger than 8 KiB, or the value contains a NUL byte.
  Result<std::optional<std::string>> get(std::string_view name) const;

  // Returns the value in the directory, without spaces and newlines around it; nullopt if the file is missing, unreadable,
  // larger than 8 KiB or empty.
  std::optional<std::string> in_directory(std::string_view name) const;

  // Returns the names of the config vars in the directory, sorted; nullopt if there is no directory that can be listed.
  const std::optional<std::vector<std::string>>& names() const { return names_; }

 private:
  bool has_file(std::string_view name) const;
  common::Result<std::string> read(std::string_view name) const;

  Path directory_;
  Environment environment_;
  Files& files_;
  std::optional<std::vector<std::string>> names_;
  std::optional<common::Error> unreadable_;  // why the directory cannot be listed
};

}  // namespace mesh::buildpack
