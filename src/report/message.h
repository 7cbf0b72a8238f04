#pragma once

#include <string>

#include "base/failure.h"

namespace mesh {

// A failure in words, for the build log: what happened, what varied, why, what to do next, and whose problem it is. Several
// lines, without the log's prefix.
std::string message(const Failure&);

}  // namespace mesh
