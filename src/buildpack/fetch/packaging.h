#pragma once

#include "buildpack/base/product.h"

namespace mesh::buildpack {

// How a release comes: as a gzipped tar archive with the program in it, or as the program itself.
enum class Packaging { archive, program };

constexpr Packaging packaging_of(Product product) {
  return product == Product::integration ? Packaging::archive : Packaging::program;
}

}  // namespace mesh::buildpack
