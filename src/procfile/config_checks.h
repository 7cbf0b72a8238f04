#pragma once

#include <vector>

#include "procfile/app.h"
#include "procfile/finding.h"
#include "procfile/shell_commands.h"

namespace mesh::procfile {

// What config vars do to the mesh. Nothing where they are not known.
std::vector<Finding> check_config(const App&);

// The same settings where a command makes them: `place` is where it stands.
std::vector<Finding> check_set_variables(const std::vector<Token>& assignments, const std::string& place);

}  // namespace mesh::procfile
