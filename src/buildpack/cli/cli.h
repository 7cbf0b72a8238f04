#pragma once

#include <span>
#include <string_view>

namespace mesh::buildpack::cli {

// The program behind bin/*: `mesh-buildpack PHASE ARGUMENTS...`, its own path first. Puts the real world together, runs the
// phase, reports its failure, and returns the exit code: 0, 1, or 2 for an unknown phase. Does not return when a signal
// stopped the build: the process ends by that signal.
int run(std::span<const char* const> arguments);

// Prints the mistakes in an app that would break it behind the mesh. Returns 0 without mistakes and for --help, 1 with
// mistakes, 2 for invalid arguments. Uses the product that the app calls if --product is missing. Checks no config vars if
// --env is missing.
int doctor(std::span<const char* const> arguments);

// The program that looks at a dyno's surroundings before the app starts (src/buildpack/run_check), which this one carries in
// itself: a launch layer then has it whatever way this program came here.
std::string_view run_check();

}  // namespace mesh::buildpack::cli
