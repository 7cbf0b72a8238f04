#include "buildpack/verify/verify.h"

#include <fmt/format.h>

#include <algorithm>

#include "buildpack/verify/early_check.h"

namespace mesh::buildpack {
namespace {

constexpr std::string_view kPin = "sha256-pin";
constexpr std::string_view kInventory = "inventory";
constexpr std::string_view kSignature = "signature";
constexpr std::string_view kReleaseDigest = "release-digest";
constexpr std::string_view kNone = "none";

std::string_view describe(KeyTrust trust) {
  switch (trust) {
    case KeyTrust::pinned: return "pinned";
    case KeyTrust::remembered: return "same as in earlier builds";
    case KeyTrust::first_use: return "trusted on first use";
  }
  return "";
}

}  // namespace

void Verification::begin(const Artifact& artifact, std::optional<std::uint64_t> bytes, Arrival& arrival) const {
  const auto program = gpgv();
  const bool needs_no_signature =
      request_.trust.pin || inventory_.digest(request_.product, artifact.tag, name(request_.architecture));
  if (request_.product != Product::applink || needs_no_signature || !program) return;
  arrival.start_early_check(artifact, bytes, known_keys(), {transport_, files_, processes_, *program});
}

Result<Trusted> Verification::check(const Downloaded& downloaded, Arrival& arrival) const {
  if (request_.trust.pin) return compare(downloaded, *request_.trust.pin, kPin, "matches the pinned digest");
  if (const auto known = inventory_.digest(request_.product, downloaded.artifact.tag, name(request_.architecture))) {
    return compare(downloaded, *known, kInventory, "matches the buildpack's inventory");
  }
  if (const KnownArtifact* known = inventory_.find(request_.product, name(request_.architecture), downloaded.sha256)) {
    TRY_ASSIGN(Trusted trusted, compare(downloaded, known->sha256, kInventory, "matches the buildpack's inventory"));
    trusted.version = known->version;
    return trusted;
  }
  if (request_.product == Product::applink) return check_signed(downloaded, arrival);
  if (const auto& digest = downloaded.artifact.digest) {
    return compare(downloaded, *digest, kReleaseDigest, "matches the digest of the release");
  }
  return Trusted{
      .by = std::string(kNone),
      .text = fmt::format("SHA-256 {} (not verified: the release publishes no checksum)", downloaded.sha256.hex())};
}

Result<Trusted> Verification::compare(const Downloaded& downloaded, const Sha256& expected, std::string_view by,
                                      std::string_view match) const {
  if (expected == downloaded.sha256) {
    return Trusted{.by = std::string(by), .text = fmt::format("SHA-256 {} ({})", expected.hex(), match)};
  }
  return Failure{Reason::verify_digest_mismatch,
                 fmt::format("expected {}, got {} ({})", expected.hex(), downloaded.sha256.hex(), by)};
}

// Returns the pinned keys of the config var, or those of the inventory if it is unset.
std::vector<std::string> Verification::pinned_keys() const {
  std::vector<std::string> keys = request_.trust.fingerprints;
  if (!keys.empty()) return keys;
  for (const SigningKey& key : inventory_.signing_keys) {
    if (key.product == request_.product) keys.push_back(key.fingerprint);
  }
  return keys;
}

// Returns the public keys of the pinned fingerprints that the inventory contains.
std::string Verification::known_keys() const {
  const auto pinned = pinned_keys();
  std::string known;
  for (const SigningKey& key : inventory_.signing_keys) {
    if (key.product == request_.product && std::ranges::find(pinned, key.fingerprint) != pinned.end()) {
      known += key.public_key + "\n";
    }
  }
  return known;
}

// Returns the signers from the early check. Without a result, or if a file was malformed, downloads the signature and the
// key again, with retries.
Result<SignedBy> Verification::signers(const Downloaded& downloaded, Arrival& arrival, const Path& gpgv) const {
  const auto by = arrival.finish_early_check();
  if (by && (*by || by->failure().reason != Reason::verify_signature_malformed)) return *by;
  TRY_ASSIGN(const PublishedSignature published, fetch_signature(downloaded.artifact, known_keys(), transport_));
  ArrivingFile& file = arrival.file();
  return check_signature({file.source(file.generation()), downloaded.bytes, published.signature, published.public_key,
                          arrival.file_path().parent_path(), gpgv},
                         files_, processes_);
}

Result<Trusted> Verification::check_signed(const Downloaded& downloaded, Arrival& arrival) const {
  const auto program = gpgv();
  if (!program) return Failure{Reason::platform_missing_tool, "gpgv"};
  const Artifact& artifact = downloaded.artifact;
  auto by = signers(downloaded, arrival, *program);
  if (!by) {
    Failure failure = std::move(by).failure();
    if (failure.detail.empty()) failure.detail = artifact.url.redacted();
    return failure;
  }
  Trusted trusted{.by = std::string(kSignature), .text = {}};
  trusted.key_place = fmt::format("{} {}", name(request_.product), artifact.key_place);
  TRY_ASSIGN(trusted.key, judge_key(*by, {pinned_keys(), cache_.remembered_key(trusted.key_place)}));
  trusted.text = fmt::format("Good signature by key {} ({}{})", trusted.key->fingerprint, describe(trusted.key->trust),
                             by->key_has_expired ? ", expired" : "");
  return trusted;
}

bool Verification::still_trusts(const CachedBinary& binary) const {
  // AppLink's download is the mesh binary itself, so that both must have the same digest.
  if (request_.product == Product::applink && binary.downloaded != binary.sha256) return false;
  if (request_.trust.pin) return *request_.trust.pin == binary.downloaded;
  if (const auto known = inventory_.digest(request_.product, binary.version, name(request_.architecture))) {
    return *known == binary.downloaded;
  }
  if (inventory_.find(request_.product, name(request_.architecture), binary.downloaded) != nullptr) return true;
  if (request_.product == Product::integration) return true;
  const auto pinned = pinned_keys();
  return binary.verified_by == kSignature &&
         (pinned.empty() || std::ranges::find(pinned, binary.fingerprint) != pinned.end());
}

}  // namespace mesh::buildpack
