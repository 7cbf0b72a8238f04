#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/files.h"

namespace mesh {
inline namespace platform {

// The files with certificate authorities. Hashed directories are preferred to bundles: one lookup replaces parsing about 140
// certificates (15 ms per process).
struct TrustRoots {
  std::string file = {};                   // a PEM bundle, or empty
  std::string directories = {};            // hashed directories (openssl rehash), colon-separated, or empty
  std::vector<std::string> unusable = {};  // "NAME=value" of each unusable setting

  bool empty() const { return file.empty() && directories.empty(); }
};

// The values of SSL_CERT_FILE and SSL_CERT_DIR.
struct TrustRootSettings {
  std::optional<std::string> file = {};
  std::optional<std::string> directories = {};
};

// Finds the trust roots. SSL_CERT_FILE replaces the bundle and SSL_CERT_DIR the directories, as in OpenSSL; the machine's
// default remains for the other. Ignores files and directories without certificates. The known paths are Go's crypto/x509
// list for Debian and Ubuntu, RHEL, SUSE, Alpine.
TrustRoots find_trust_roots(const TrustRootSettings&, Files&);

}  // namespace platform
}  // namespace mesh
