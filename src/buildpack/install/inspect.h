#pragma once

#include "buildpack/base/architecture.h"
#include "buildpack/base/failure.h"
#include "platform/files.h"

namespace mesh::buildpack {

// Checks that the file is an executable for the architecture, by its ELF header (System V ABI, "ELF header"). If this
// machine has the architecture, also checks the dynamic loader and the needed version of the C library, which it searches
// below `root`. Skips the version check if the C library is missing or unreadable. Failures: binary::wrong-format,
// binary::wrong-architecture, binary::missing-interpreter, binary::glibc-too-old, and those of reading.
Result<void> inspect(const Path& binary, Architecture, Files&, const Path& root = "/");

}  // namespace mesh::buildpack
