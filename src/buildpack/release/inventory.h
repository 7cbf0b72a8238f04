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

// A file of a release that is known to this buildpack.
struct KnownArtifact {
  Product product;
  std::string version;  // the release's tag
  std::string arch;
  Sha256 sha256;  // of the file that is downloaded
};

// A key that releases are signed with.
struct SigningKey {
  Product product;
  std::string fingerprint;  // upper-case
  std::string public_key;   // as it was published
};

// The releases and keys that come with the buildpack, in inventory/service-mesh.json of its directory; docs/inventory.md
// tells the format, script/update-inventory writes it.
struct Inventory {
  std::vector<KnownArtifact> artifacts = {};
  std::vector<SigningKey> signing_keys = {};

  // The digest of a release's file, whose version may be written with or without "v".
  std::optional<Sha256> digest(Product, std::string_view version, std::string_view arch) const;
  // The release that a file belongs to.
  const KnownArtifact* find(Product, std::string_view arch, const Sha256&) const;
};

// Failure: platform::inventory, when it is missing or any of it cannot be understood: what a pin was lost from must not
// pass.
Result<Inventory> read_inventory(const Path& buildpack_directory, Files&);

}  // namespace mesh::buildpack
