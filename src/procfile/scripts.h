#pragma once

#include <string_view>
#include <vector>

#include "procfile/app.h"
#include "procfile/shell_words.h"
#include "procfile/text_check.h"

namespace mesh::procfile {

// The shell texts of the app that a command starts, one level down: scripts ("./start.sh", "sh bin/web", "/app/start.sh")
// and those of package.json ("npm start", "yarn run web"). `from` is the word to begin with. Files that are programs of
// another language are not among them.
std::vector<Source> started_texts(const std::vector<Token>& words, std::size_t from, const App&);

// Files of the app that these words name, whatever language they are written in.
std::vector<std::string> named_files(const std::vector<Token>& words, std::size_t from, const App&);

}  // namespace mesh::procfile
