#include "platform/trust_roots.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace mesh {
namespace {

constexpr std::array kDirectories = {"/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/pki/ca-trust/extracted/pem/directory-hash"};
constexpr std::array kBundles = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",                   // RHEL, Fedora
    "/etc/ssl/ca-bundle.pem",                             // SUSE
    "/etc/pki/tls/cacert.pem",                            // OpenELEC
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL 7 and later
    "/etc/ssl/cert.pem",                                  // Alpine
};

// "5ed36f99.0": the subject's hash and a counter.
bool is_hash_link(std::string_view name) {
  constexpr std::string_view kHex = "0123456789abcdef";
  return name.size() >= 10 && name[8] == '.' && name.substr(0, 8).find_first_not_of(kHex) == std::string_view::npos &&
         name.substr(9).find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_hashed_directory(const Path& directory, Files& files) {
  const auto names = files.list(directory);
  return names && std::ranges::any_of(*names, is_hash_link);
}

std::string hashed_directories(const std::optional<std::string>& setting, Files& files) {
  if (setting) {
    std::string existing;
    for (const std::string_view directory : text::split(*setting, ':')) {
      if (directory.empty() || !is_hashed_directory(directory, files)) continue;
      existing.append(existing.empty() ? "" : ":").append(directory);
    }
    if (!existing.empty()) return existing;
  }
  const auto found =
      std::ranges::find_if(kDirectories, [&](const char* directory) { return is_hashed_directory(directory, files); });
  return found == kDirectories.end() ? "" : *found;
}

bool is_readable(const Path& file, Files& files) { return static_cast<bool>(files.open(file)); }

}  // namespace

TrustRoots find_trust_roots(const TrustRootSettings& settings, Files& files) {
  TrustRoots roots;
  roots.directories = hashed_directories(settings.directories, files);
  if (settings.file && !settings.file->empty() && is_readable(*settings.file, files)) {
    roots.file = *settings.file;
    return roots;
  }
  if (!roots.directories.empty()) return roots;
  const auto found = std::ranges::find_if(kBundles, [&](const char* bundle) { return is_readable(bundle, files); });
  if (found != kBundles.end()) roots.file = *found;
  return roots;
}

}  // namespace mesh
