#pragma once

#include "buildpack/base/architecture.h"
#include "buildpack/base/failure.h"
#include "platform/files.h"

namespace mesh::buildpack {

// Whether the file is a program that can start on a machine of that architecture: by its ELF header (System V ABI, "ELF
// header"), and where this machine is one, by its loader and the version of the C library that it needs. What this machine
// has is looked for below `root`; a C library that cannot be found or read is not held against the program. Failures:
// binary::wrong-format, binary::wrong-architecture, binary::missing-interpreter, binary::glibc-too-old, and those of
// reading.
Result<void> inspect(const Path& binary, Architecture, Files&, const Path& root = "/");

}  // namespace mesh::buildpack
