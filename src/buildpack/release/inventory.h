#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/base/failure.h"
#include "buildpack/base/product.h"
#include "common/digest.h"
#include "platform/files.h"

namespace mesh::buildpack {

// A file of a known release.
struct KnownArtifact {
  Product product;
  std::string version;  // the release's tag
  std::string arch;
  Sha256 sha256;  // of the downloaded file
};

// A key that signs releases.
struct SigningKey {
  Product product;
  std::string fingerprint;  // upper-case
  std::string public_key;   // as it was published
};

// The releases and keys in the buildpack's inventory/service-mesh.json. docs/inventory.md describes its format;
// script/update-inventory writes it.
struct Inventory {
  std::vector<KnownArtifact> artifacts = {};
  std::vector<SigningKey> signing_keys = {};

  // Returns the digest of a release's file. Accepts the version with or without "v".
  std::optional<Sha256> digest(Product, std::string_view version, std::string_view arch) const;
  // Returns the release that contains a file with this digest; null if unknown.
  const KnownArtifact* find(Product, std::string_view arch, const Sha256&) const;
};

// Reads the inventory. Fails with platform::inventory if any part is missing or malformed, so that no digest or key is
// ignored.
Result<Inventory> read_inventory(const Path& buildpack_directory, Files&);

}  // namespace mesh::buildpack
