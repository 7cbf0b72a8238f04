#pragma once

#include <cstdint>
#include <string>

#include "buildpack/base/product.h"
#include "common/digest.h"

namespace mesh::buildpack::cnb {

// The installed mesh, as labels and SBOMs describe it.
struct Component {
  Product product;
  std::string version;        // "v0.1.2"; empty if unknown
  std::string arch;           // "amd64"
  Sha256 sha256;              // of the mesh binary
  std::uint64_t bytes;        // of the mesh binary
  std::string source = {};    // the address of the download; empty if unknown. SBOMs leave out its credentials, query
                              // and fragment, and any address of this machine (file:)
  std::string supplier = {};  // "Heroku"; empty if unknown: another repository, or the app itself
};

}  // namespace mesh::buildpack::cnb
