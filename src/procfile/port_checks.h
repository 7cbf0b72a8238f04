#pragma once

#include "procfile/app_port.h"
#include "procfile/draft.h"

namespace mesh::procfile {

// Whether the mesh forwards to where the app listens, and the app listens where the mesh does not.
Drafts check_ports(const MeshCall&, const Surroundings&);

// Whether a shell text replaces variables in the double quotes of "sh -c" that only the script in them assigns. `scope` is
// what the shell knows before the command.
Drafts check_early_expansions(const Command&, const Token& script, const Scope& scope, const Surroundings&);

// The same for a shell text that the mesh starts: a script, or "sh -c". `scope` holds what the mesh passes on.
Drafts check_wrapped_text(std::string_view text, const Scope& scope, const AppPort&, const Surroundings&);

// What programs see that are started by this command.
Scope scope_of_wrapped(const MeshCall&);

}  // namespace mesh::procfile
