#pragma once

#include "base/result.h"
#include "platform/files.h"

namespace mesh {

// Whether the file is a program for this machine's architecture, by its ELF header (System V ABI, "ELF header").
// Failures: binary::wrong-format, binary::wrong-architecture, and those of reading.
Result<void> inspect(const Path& binary, Files&);

}  // namespace mesh
