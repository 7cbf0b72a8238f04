#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/base/failure.h"
#include "platform/byte_source.h"
#include "platform/files.h"
#include "platform/processes.h"

namespace mesh::buildpack {

// A file's content and its OpenPGP signature.
struct SignatureCheck {
  ByteSource content;
  std::optional<std::uint64_t> bytes;  // of the content, if known in advance
  std::string_view signature;          // detached, as downloaded
  std::string_view public_key;         // one key or several, with or without ASCII armour
  Path scratch;                        // an existing directory for temporary files
  Path gpgv;
};

// The signers of the good signatures.
struct SignedBy {
  std::vector<std::string> fingerprints;  // of the primary keys, one per signature
  bool key_has_expired = false;           // the first key
};

// Checks the signature with gpgv, and uses only its status lines (GnuPG, doc/DETAILS, "Format of the --status-fd output"):
// its exit code is also 0 for expired keys, and 2 if one of two signatures is by an unknown key. Accepts a good signature by
// an expired key; rejects an expired signature and a revoked key. Failures: verify::signature-bad, ::signature-malformed,
// ::signature-expired, ::key-unknown, ::key-revoked, ::tool-failed; install::*, build::interrupted; those of the content.
Result<SignedBy> check_signature(const SignatureCheck&, Files&, Processes&);

// The keys to trust.
struct KeyPolicy {
  std::vector<std::string> pinned = {};        // from the config var or the inventory
  std::optional<std::string> remembered = {};  // from an earlier build
};

enum class KeyTrust { pinned, remembered, first_use };

struct TrustedKey {
  std::string fingerprint;
  KeyTrust trust;
};

// Returns the trusted key among the signers: a pinned key, else the remembered key, else any key that has not expired.
// Pinned and remembered keys may be expired. Failures: verify::key-unknown, verify::key-changed, verify::key-expired.
Result<TrustedKey> judge_key(const SignedBy&, const KeyPolicy&);

// Returns the concatenated bytes of all OpenPGP blocks in ASCII armour in a text (RFC 4880, section 6.2), or binary data
// unchanged. Returns nullopt for other input. Ignores the checksum, because the signature already detects corruption.
std::optional<std::string> without_armour(std::string_view);

}  // namespace mesh::buildpack
