#include "platform/trust_roots.h"

#include <algorithm>
#include <array>

#include "common/text.h"

namespace mesh {
inline namespace platform {
namespace {

constexpr std::array kDirectories = {"/etc/ssl/certs", "/etc/pki/tls/certs",
                                     "/etc/pki/ca-trust/extracted/pem/directory-hash"};
constexpr std::array kBundles = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",                   // RHEL, Fedora
    "/etc/ssl/ca-bundle.pem",                             // SUSE
    "/etc/pki/tls/cacert.pem",                            // OpenELEC
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL 7 and later
    "/etc/ssl/cert.pem",                                  // Alpine
};

constexpr std::size_t kMaxBundleBytes = 16 * 1024 * 1024;

// Returns whether the name has the form "5ed36f99.0": the subject's hash and a counter.
bool is_hash_link(std::string_view name) {
  constexpr std::string_view kHex = "0123456789abcdef";
  return name.size() >= 10 && name[8] == '.' && name.substr(0, 8).find_first_not_of(kHex) == std::string_view::npos &&
         name.substr(9).find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_hashed_directory(const Path& directory, Files& files) {
  const auto names = files.list(directory);
  return names && std::ranges::any_of(*names, is_hash_link);
}

// Returns the usable directories of a colon-separated list.
std::string usable_directories(std::string_view named, Files& files) {
  std::string usable;
  for (const std::string_view directory : text::split(named, ':')) {
    if (directory.empty() || !is_hashed_directory(directory, files)) continue;
    usable.append(usable.empty() ? "" : ":").append(directory);
  }
  return usable;
}

std::string known_directory(Files& files) {
  const auto found =
      std::ranges::find_if(kDirectories, [&](const char* directory) { return is_hashed_directory(directory, files); });
  return found == kDirectories.end() ? "" : *found;
}

bool contains_certificates(const Path& file, Files& files) {
  const auto content = files.read(file, kMaxBundleBytes);
  return content && content->find("-----BEGIN ") != std::string::npos;
}

}  // namespace

TrustRoots find_trust_roots(const TrustRootSettings& settings, Files& files) {
  TrustRoots roots;
  if (settings.directories) {
    roots.directories = usable_directories(*settings.directories, files);
    if (roots.directories.empty()) roots.unusable.push_back("SSL_CERT_DIR=" + *settings.directories);
  }
  if (roots.directories.empty()) roots.directories = known_directory(files);

  if (settings.file && contains_certificates(*settings.file, files)) {
    roots.file = *settings.file;
    return roots;
  }
  if (settings.file) roots.unusable.push_back("SSL_CERT_FILE=" + *settings.file);
  if (!roots.directories.empty()) return roots;
  const auto found =
      std::ranges::find_if(kBundles, [&](const char* bundle) { return contains_certificates(bundle, files); });
  if (found != kBundles.end()) roots.file = *found;
  return roots;
}

}  // namespace platform
}  // namespace mesh
