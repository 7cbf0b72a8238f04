#pragma once

#include <optional>
#include <string>

#include "buildpack/base/failure.h"
#include "buildpack/fetch/binary_cache.h"
#include "buildpack/fetch/download.h"
#include "buildpack/release/inventory.h"
#include "buildpack/release/request.h"
#include "buildpack/release/transport.h"
#include "buildpack/verify/arrival.h"
#include "buildpack/verify/signature.h"
#include "platform/processes.h"

namespace mesh::buildpack {

// The result of a successful verification.
struct Trusted {
  std::string by;              // the report's service_mesh_verified_by
  std::string text;            // one line for the log
  std::string version = {};    // of the release, if the inventory revealed it
  std::string key_place = {};  // the place of the key: see BinaryCache::remembered_key
  std::optional<TrustedKey> key = {};
};

// Verifies a download with the strongest check available: the pinned digest, the inventory's digest, a signature by a
// trusted key (AppLink), the release's published digest (Integration), or no check (Integration).
class Verification {
 public:
  // Borrows all. Searches gpgv in `search_path`.
  Verification(const ReleaseRequest& request, const Inventory& inventory, const BinaryCache& cache,
               const Transport& transport, Files& files, Processes& processes, std::string search_path)
      : request_(request),
        inventory_(inventory),
        cache_(cache),
        transport_(transport),
        files_(files),
        processes_(processes),
        search_path_(std::move(search_path)) {}

  // Starts an early check of the signature when a download begins, if the signature may be necessary.
  void begin(const Artifact&, std::optional<std::uint64_t> bytes, Arrival&) const;

  // Verifies a complete download. Failures: verify::*, platform::missing-tool, and those of fetch_signature.
  Result<Trusted> check(const Downloaded&, Arrival&) const;

  // Returns whether a cached binary would still pass verification.
  bool still_trusts(const CachedBinary&) const;

 private:
  Result<Trusted> compare(const Downloaded&, const Sha256& expected, std::string_view by, std::string_view match) const;
  std::optional<Path> gpgv() const { return find_program("gpgv", search_path_, files_); }
  Result<Trusted> check_signed(const Downloaded&, Arrival&) const;
  Result<SignedBy> signers(const Downloaded&, Arrival&, const Path& gpgv) const;
  std::vector<std::string> pinned_keys() const;
  std::string known_keys() const;

  const ReleaseRequest& request_;
  const Inventory& inventory_;
  const BinaryCache& cache_;
  const Transport& transport_;
  Files& files_;
  Processes& processes_;
  std::string search_path_;
};

}  // namespace mesh::buildpack
