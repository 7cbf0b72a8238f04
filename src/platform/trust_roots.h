#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/files.h"

namespace mesh {
inline namespace platform {

// Where certificate authorities are read from. Hashed directories are preferred to bundles: one lookup there replaces
// parsing some 140 certificates (15 ms a process).
struct TrustRoots {
  std::string file = {};                   // a PEM bundle, or empty
  std::string directories = {};            // hashed directories (openssl rehash), colon-separated, or empty
  std::vector<std::string> unusable = {};  // "NAME=value" of each setting that names nothing usable

  bool empty() const { return file.empty() && directories.empty(); }
};

// SSL_CERT_FILE and SSL_CERT_DIR as the build's settings give them.
struct TrustRootSettings {
  std::optional<std::string> file = {};
  std::optional<std::string> directories = {};
};

// SSL_CERT_FILE replaces the bundle and SSL_CERT_DIR the directories, as in OpenSSL; either leaves the other at what this
// machine has. Places that hold no certificates are passed over. Known places: Go's crypto/x509 list for Debian and Ubuntu,
// RHEL, SUSE, Alpine.
TrustRoots find_trust_roots(const TrustRootSettings&, Files&);

}  // namespace platform
}  // namespace mesh
