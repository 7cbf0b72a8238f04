#pragma once

#include <string_view>
#include <vector>

#include "procfile/app.h"
#include "procfile/shell_commands.h"
#include "procfile/text_check.h"

namespace mesh::procfile {

// The shell texts of the app that a command starts, one level down: scripts ("./start.sh", "sh bin/web", "/app/start.sh")
// and those of package.json ("npm start", "yarn run web", "npm --prefix api start"), from where the command runs. `from` is
// the word to begin with. Files that are programs of another language are not among them.
std::vector<Source> started_texts(const Command&, std::size_t from, const App&);

// Files of the app that a command names, whatever language they are written in.
std::vector<std::string> named_files(const Command&, std::size_t from, const App&);

}  // namespace mesh::procfile
