#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/base/failure.h"
#include "buildpack/base/product.h"
#include "buildpack/fetch/cached_binary.h"
#include "platform/files.h"

namespace mesh::buildpack::cnb {

// The layer of the mesh, <layers>/service-mesh: the mesh binary and its aliases in bin/, which the lifecycle puts on PATH at
// launch. The name contains no dot, because the layer name of an SBOM ends at the first one (lifecycle,
// buildpack/bomfile.go).
inline constexpr std::string_view kLayer = "service-mesh";

// The layer's metadata: <layers>/service-mesh.toml.
Path layer_metadata_file(const Path& layers);

// Returns the content of that file: the types (launch and cache) and the metadata that decide whether the mesh binary can be
// reused. Every value is a string, because numbers get a fraction in an image's label, which is JSON:
//
//   schema               "1"; raised when older readers would misread it
//   buildpack_version    the version that wrote it
//   product, source, requested, arch                           as in CacheKey
//   version, url, etag, sha256, downloaded_sha256, bytes, verified_by, key_fingerprint    as in CachedBinary
//
// The same mesh binary gives the same bytes, so that an unchanged image keeps its digest.
std::string layer_toml(const CachedBinary&, std::string_view buildpack_version);

// A layer to write.
struct NewLayer {
  Path program;         // the path of the mesh binary, in the file system of the layers; the file is moved
  CachedBinary binary;  // its metadata
  Product product;
  std::vector<std::string> aliases = {};  // its other names
  std::string run_check = {};             // content of mesh-check, for exec.d; empty for none
  std::string run_check_name = {};        // its file name, which contains facts of the build (buildpack/run_check/checks.h)
  std::vector<std::string> checked = {};  // the process types that it runs before
};

// Replaces the previous layer: makes the new one in `staging`, which is inside the layers' directory, then renames it. The
// previous metadata are removed first, so that they never describe another mesh binary; the lifecycle ignores a layer
// without metadata. Failures: install::*; the previous layer is unchanged until its metadata are removed.
Result<void> write_layer(const NewLayer&, const Path& layers, const Path& staging, Files&);

// Writes the metadata of the layer after all its files, because they state that it is complete. Failures: install::*.
Result<void> declare_layer(const CachedBinary&, const Path& layers, std::string_view buildpack_version, Files&);

// The metadata of an earlier build.
struct EarlierLayer {
  std::optional<CachedBinary> binary = {};
  std::string remark = {};  // a sentence about metadata without a usable mesh binary
};

// Parses metadata; accepts any bytes. Recognizes those of both upstream buildpacks, whose mesh binaries have no digest and
// are never reused. Rejects metadata with a value that is not one short line of text, because values go into the log, into
// requests and into file names.
EarlierLayer parse_layer(std::string_view toml);

}  // namespace mesh::buildpack::cnb
