#pragma once

#include <string>

#include "buildpack/base/failure.h"
#include "buildpack/base/product.h"

namespace mesh::buildpack {

// Returns the text of a failure for the build log: headline, detail, explanation, hint, cause and reason id. It has several
// lines, without the log's prefix. It names the config vars of `product`, the product of the build.
std::string message(const Failure&, Product product = Product::integration);

}  // namespace mesh::buildpack
