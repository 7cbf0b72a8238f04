#pragma once

#include <optional>
#include <string>
#include <vector>

#include "procfile/app.h"
#include "procfile/finding.h"

namespace mesh::procfile {

// A change to a text: bytes from begin to end become `text`.
struct Edit {
  std::size_t begin;
  std::size_t end;
  std::string text;
};

// A finding in a shell text, before it is known which file and line that is.
struct Draft {
  Problem problem;
  std::vector<std::string> words = {};  // for the gaps of the catalogue's sentence
  std::size_t begin = 0;                // of the command that it is about
  std::size_t end = 0;
  std::vector<Edit> edits = {};           // what mends it; none where that cannot be known
  std::optional<Severity> severity = {};  // where it is another one than the catalogue's
};

using Drafts = std::vector<Draft>;

}  // namespace mesh::procfile
