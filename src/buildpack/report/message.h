#pragma once

#include <string>

#include "buildpack/base/failure.h"
#include "buildpack/base/product.h"

namespace mesh::buildpack {

// A failure in words, for the build log: what happened, what varied, why, what to do next, and whose problem it is. Several
// lines, without the log's prefix. `product` is the one that the build was about: its config vars are the ones that are
// named.
std::string message(const Failure&, Product product = Product::integration);

}  // namespace mesh::buildpack
