#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "procfile/app_port.h"
#include "procfile/draft.h"
#include "procfile/shell_commands.h"

namespace mesh::procfile {

enum class Form { plain, json_string };

// A shell text of the app, and where it stands.
struct Source {
  std::string file;  // "Procfile", "start.sh"
  std::string text;
  std::optional<std::size_t> line = {};  // of all of it; none where the text's own lines count
  std::string lead = {};                 // what is in front of it in that line: "web: "
  Form form = Form::plain;               // how the file writes it
  std::string directory = {};            // where it runs, as a path inside the app
};

using Rules = std::function<Drafts(std::string_view text)>;

// The rules for a text that starts the web process: each start of a mesh in it, also within "sh -c".
Drafts check_starting_text(std::string_view text, const Scope&, const Surroundings&);

// The rules for the command of another process type, named for the sentence.
Drafts check_other_process(std::string_view text, const std::string& process);

// The mesh put in front of the app's command: for a web process that has none.
Draft without_mesh_draft(std::string_view text, const Scope&, const Surroundings&);

// Whether a text starts a mesh; the calls stand in it, also within "sh -c".
std::vector<MeshCall> mesh_calls_in(std::string_view text, const Scope&);

// What the rules find in a text, each finding with its place and with the line as it is when everything that can be mended
// in this text is; without one where that has no end.
std::vector<Finding> findings_of(const Source&, const Rules&);

// The text after the edits of one finding after another, until nothing is left that can be mended. Nothing where that has no
// end: there is too much of it, or one edit undoes another.
std::optional<std::string> mended(std::string text, const Rules&);

}  // namespace mesh::procfile
