#pragma once

#include <optional>
#include <string>
#include <vector>

#include "buildpack/base/product.h"
#include "common/digest.h"
#include "platform/url.h"

namespace mesh::buildpack {

// The form of a release's file: a gzipped tar archive that contains the mesh binary, or the binary itself.
enum class Packaging { archive, program };

constexpr Packaging packaging_of(Product product) {
  return product == Product::integration ? Packaging::archive : Packaging::program;
}

// One file of a release.
struct Artifact {
  std::string tag;  // of the release; "latest" for a file that each release replaces
  Url url;
  std::optional<Sha256> digest = {};      // published with the release
  std::optional<Url> signature = {};      // URL of its OpenPGP signature, if published
  std::optional<Url> public_key = {};     // URL of the published signing key
  std::string key_place = {};             // identifies the publisher of the key, even if its URL changes
  std::optional<Url> api_url = {};        // URL of the same file for authenticated requests
  std::vector<std::string> headers = {};  // required by requests for the file
};

// The files to try, in this order. Only "not found" leads to the next one.
struct Plan {
  std::vector<Artifact> candidates;  // at least one
};

}  // namespace mesh::buildpack
