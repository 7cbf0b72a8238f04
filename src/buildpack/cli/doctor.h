#pragma once

#include <span>

namespace mesh::buildpack::cli {

inline constexpr const char* kDoctorUsage =
    "mesh-buildpack doctor APP_DIR [--env DIR] [--product integration|applink] [--format text|json]";

// Prints the mistakes in an app that would break it behind the mesh. Returns 0 without mistakes and for --help, 1 with
// mistakes, 2 for invalid arguments. Uses the product that the app calls if --product is missing. Checks no config vars if
// --env is missing.
int doctor(std::span<const char* const> arguments);

}  // namespace mesh::buildpack::cli
