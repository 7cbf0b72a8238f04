#pragma once

#include <optional>
#include <string>
#include <vector>

#include "buildpack/base/product.h"
#include "common/digest.h"
#include "platform/url.h"

namespace mesh::buildpack {

// How a release comes: as a gzipped tar archive with the program in it, or as the program itself.
enum class Packaging { archive, program };

constexpr Packaging packaging_of(Product product) {
  return product == Product::integration ? Packaging::archive : Packaging::program;
}

// One file of a release: where it is, and what is known of it.
struct Artifact {
  std::string tag;  // the release's; "latest" for a file that each release replaces
  Url url;
  std::optional<Sha256> digest = {};      // as the release's publisher states it
  std::optional<Url> signature = {};      // of an OpenPGP signature of it, where its publisher makes one
  std::optional<Url> public_key = {};     // of the key that the publisher says it is made with
  std::string key_place = {};             // what tells the place of that key from others, whatever its address today
  std::optional<Url> api_url = {};        // of the same file for those who have signed in
  std::vector<std::string> headers = {};  // that a request for it needs
};

// What to install: the places to try in this order. Only "there is no such file" leads on to the next one.
struct Plan {
  std::vector<Artifact> candidates;  // at least one
};

}  // namespace mesh::buildpack
