#pragma once

#include <cstdint>
#include <string>

#include "buildpack/base/product.h"
#include "common/digest.h"

namespace mesh::buildpack::cnb {

// The installed mesh, as an image and its bills of materials tell of it.
struct Component {
  Product product;
  std::string version;        // "v0.1.2"; empty where it is not known
  std::string arch;           // "amd64"
  Sha256 sha256;              // of the program
  std::uint64_t bytes;        // of the program
  std::string source = {};    // the address that it was downloaded from; empty where there is none. Its credentials, query
                              // and fragment are not told, nor is one of this machine (file:)
  std::string supplier = {};  // "Heroku"; empty where that cannot be said: another repository's, the app's own
};

}  // namespace mesh::buildpack::cnb
