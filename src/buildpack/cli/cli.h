#pragma once

#include <span>

namespace mesh::buildpack::cli {

// The program behind bin/*: `mesh-buildpack PHASE ARGUMENTS...`, its own path first. Puts the real world together, runs the
// phase, tells of its failure, and returns the exit code: 0 or 1 (2 for a phase that is none). Does not return when a signal
// stopped the build: the process ends by that signal.
int run(std::span<const char* const> arguments);

}  // namespace mesh::buildpack::cli
