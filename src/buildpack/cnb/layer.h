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

// The layer that holds the mesh: <layers>/service-mesh, with the program and its other names in bin/, which the lifecycle
// puts on PATH at launch. The name has no dot: that of a bill of materials ends at the first (lifecycle,
// buildpack/bomfile.go).
inline constexpr std::string_view kLayer = "service-mesh";

// The layer's metadata: <layers>/service-mesh.toml.
Path layer_metadata_file(const Path& layers);

// What is known of the layer's program, in that file: the types (launch and cache) and the
// metadata that decide whether it can be used again. Every value is a string, for numbers come back with a fraction (they
// pass through an image's label as JSON):
//
//   schema               "1"; raised when older readers would misread it
//   buildpack_version    that wrote it
//   product, source, requested, arch                           what it answers to (CacheKey)
//   version, url, etag, sha256, downloaded_sha256, bytes, verified_by, key_fingerprint    as in CachedBinary
//
// The same program gives the same bytes: an image that did not change keeps its digest.
std::string layer_toml(const CachedBinary&, std::string_view buildpack_version);

// A layer that is to be written.
struct NewLayer {
  Path program;         // where it is: in the file system of the layers; moved from there
  CachedBinary binary;  // what is known of it
  Product product;
  std::vector<std::string> aliases = {};  // further names for it
  std::string run_check = {};             // the program for exec.d; empty for none
  std::string run_check_name = {};        // which tells that program what the build knew (buildpack/run_check/checks.h)
  std::vector<std::string> checked = {};  // the process types before which it runs
};

// Puts a layer into the place of the former one: made whole in `staging`, which lies in the layers' directory, then renamed.
// The former one's metadata go first, so that they never stand beside another program than their own; without any, the
// lifecycle takes no notice of a layer. Failures: install::*; until the metadata go, the former layer is as it was.
Result<void> write_layer(const NewLayer&, const Path& layers, const Path& staging, Files&);

// Writes the metadata of the layer that is in its place: last of all, as they say that it is whole. Failures: install::*.
Result<void> declare_layer(const CachedBinary&, const Path& layers, std::string_view buildpack_version, Files&);

// What the metadata of an earlier build tell.
struct EarlierLayer {
  std::optional<CachedBinary> binary = {};
  std::string remark = {};  // why there is none although there are metadata: a sentence for people
};

// Takes any bytes. The metadata of both upstream buildpacks' layers are recognised; their programs come without a digest to
// check them by, so they are never used again. Nor are those of metadata with a value that is not one short line of text: it
// would go into the log, into requests, and into the names of files.
EarlierLayer parse_layer(std::string_view toml);

}  // namespace mesh::buildpack::cnb
