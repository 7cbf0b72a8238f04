#pragma once

#include <string_view>
#include <vector>

#include "buildpack/doctor/finding.h"
#include "buildpack/procfile/procfile.h"

namespace mesh::buildpack::doctor {

// Finds mistakes in the form of a Procfile: byte order mark, newlines, names, spaces, duplicates,
// and names and lines that Cloud Native builds change or refuse. The entries' commands are those to write; empty where they
// are not known.
std::vector<Finding> check_grammar(std::string_view text, const std::vector<procfile::Entry>&);

}  // namespace mesh::buildpack::doctor
