#pragma once

#include <cstdint>

#include "buildpack/base/failure.h"
#include "common/digest.h"
#include "platform/files.h"

namespace mesh::buildpack {

struct DigestedFile {
  std::uint64_t bytes;
  Sha256 sha256;
};

// Failures: those of reading.
Result<DigestedFile> digest_file(const Path&, Files&);

}  // namespace mesh::buildpack
