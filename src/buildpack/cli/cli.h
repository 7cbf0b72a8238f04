#pragma once

#include <span>
#include <string_view>

namespace mesh::buildpack::cli {

// Runs the helper behind bin/*: `mesh-buildpack PHASE ARGUMENTS...`, its own path first. Makes the implementations of all
// interfaces, runs the phase, prints its failure, and returns the exit code: 0, 1, or 2 for an unknown phase. Does not
// return if a signal stopped the build: the process ends by that signal.
int run(std::span<const char* const> arguments);

// Prints the mistakes in an app that would break it behind the mesh. Returns 0 without mistakes and for --help, 1 with
// mistakes, 2 for invalid arguments. Uses the product that the app calls if --product is missing. Checks no config vars if
// --env is missing.
int doctor(std::span<const char* const> arguments);

// Returns mesh-check, the program that checks the environment of a dyno before the app starts (src/buildpack/run_check). The
// helper contains it, so that every way to install the helper installs both.
std::string_view run_check();

}  // namespace mesh::buildpack::cli
