#pragma once

#include <span>

namespace mesh::buildpack::cli {

inline constexpr const char* kDoctorUsage =
    "mesh-buildpack doctor APP_DIR [--env DIR] [--product integration|applink] [--format text|json]";

// Looks for mistakes in an app that would break it behind the mesh, and prints them on standard output. Returns 0 when there
// are none, 1 when there are, 2 for wrong arguments; 0 for --help, which prints the usage. Without --product the product is
// the one that the app calls; without
// --env nothing is said about config vars.
int doctor(std::span<const char* const> arguments);

}  // namespace mesh::buildpack::cli
