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

// A file's content and the OpenPGP signature that was published for it.
struct SignatureCheck {
  ByteSource content;
  std::optional<std::uint64_t> bytes;  // of the content, where it is known before
  std::string_view signature;          // detached, as it was downloaded
  std::string_view public_key;         // of one key or several; in ASCII armour or not
  Path scratch;                        // an existing directory, in which files are left
  Path gpgv;                           // the program that checks
};

// Who made the signatures that are good.
struct SignedBy {
  std::vector<std::string> fingerprints;  // of the primary keys, one for each signature
  bool key_has_expired = false;           // of the first of them
};

// Has gpgv check the signature, and believes its status lines alone (GnuPG, doc/DETAILS, "Format of the --status-fd
// output"): its exit code is 0 for keys that have expired too, and 2 where one of two signatures is by an unknown key. A
// good signature by a key that has expired counts, one that is itself out of date or by a withdrawn key does not. Failures:
// verify::signature-bad, ::signature-malformed, ::signature-expired, ::key-unknown, ::key-revoked, ::tool-failed;
// install::*, build::interrupted; those of the content.
Result<SignedBy> check_signature(const SignatureCheck&, Files&, Processes&);

// What is known of the keys to trust.
struct KeyPolicy {
  std::vector<std::string> pinned = {};        // set by the user, or known to this buildpack
  std::optional<std::string> remembered = {};  // seen first, in an earlier build
};

enum class KeyTrust { pinned, remembered, first_use };

struct TrustedKey {
  std::string fingerprint;
  KeyTrust trust;
};

// Whether the key is one to trust: a pinned one, else the one that was seen first, else any that has not expired. Pinned and
// remembered keys may have. Failures: verify::key-unknown, verify::key-changed, verify::key-expired.
Result<TrustedKey> judge_key(const SignedBy&, const KeyPolicy&);

// The bytes of all OpenPGP blocks in ASCII armour in a text (RFC 4880, section 6.2), one behind the other; binary data as it
// is. Nothing when there is neither. The checksum is not looked at: what it could tell, the signature tells better.
std::optional<std::string> without_armour(std::string_view);

}  // namespace mesh::buildpack
