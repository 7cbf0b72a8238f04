#include "buildpack/cedar/directory_cache.h"

#include <algorithm>
#include <array>
#include <set>

#include "buildpack/base/fingerprint.h"
#include "buildpack/cedar/cache_index.h"
#include "buildpack/verify/digest_file.h"
#include "common/text.h"

namespace mesh::buildpack {
namespace {

constexpr std::string_view kName = "heroku-integration-service-mesh";
constexpr std::string_view kIncoming = "incoming.";
constexpr std::size_t kMaxBinaries = 2;
constexpr std::size_t kMaxIndexBytes = 256 * 1024;

Sha256 digest_of(std::string_view text) {
  Sha256Stream sha256;
  sha256.add(std::as_bytes(std::span(text)));
  return sha256.finish();
}

}  // namespace

DirectoryCache::DirectoryCache(Files& files, const std::optional<Path>& cache_directory) : files_(files) {
  if (cache_directory) directory_ = *cache_directory / kName;
}

std::vector<CachedBinary> DirectoryCache::index() const {
  const auto text = files_.read(*directory_ / "index.json", kMaxIndexBytes);
  return text ? parse_cache_index(*text) : std::vector<CachedBinary>();
}

Path DirectoryCache::object(const CachedBinary& binary) const { return *directory_ / "objects" / binary.sha256.hex(); }

Path DirectoryCache::key_file(std::string_view place) const { return *directory_ / "keys" / digest_of(place).hex(); }

std::optional<CachedBinary> DirectoryCache::find(const CacheKey& key) const {
  if (!directory_) return std::nullopt;
  for (CachedBinary& binary : index()) {
    if (binary.key == key) return std::move(binary);
  }
  return std::nullopt;
}

DirectoryCache::Taken DirectoryCache::take(const CachedBinary& binary, const Path& path) {
  if (files_.kind(object(binary)) == FileKind::missing) return Taken::missing;
  if (files_.duplicate(object(binary), path)) {
    const auto there = digest_file(path, files_);
    if (there && there->sha256 == binary.sha256) return Taken::intact;
  }
  static_cast<void>(files_.remove(path));
  if (files_.kind(object(binary)) == FileKind::missing) return Taken::missing;  // another build just removed it
  forget(binary);
  return Taken::corrupt;
}

Result<void> DirectoryCache::make_directory(const Path& path) {
  if (files_.make_directories(path)) return {};
  TRY(files_.remove(path));
  return files_.make_directories(path);
}

Result<void> DirectoryCache::replace(const Path& path, std::string_view content) {
  if (files_.kind(path) == FileKind::directory) TRY(files_.remove(path));
  return files_.replace(path, content);
}

void DirectoryCache::keep(const CachedBinary& binary, const Path& path) {
  if (!directory_ || !files_.make_directories(*directory_)) return;
  const auto lock = files_.try_lock(*directory_);
  if (!lock) return;  // another build changes the cache: a later build downloads this one again
  std::vector<CachedBinary> binaries = index();
  // An object that is not in the index may be corrupt.
  const bool is_known =
      std::ranges::any_of(binaries, [&](const CachedBinary& other) { return other.sha256 == binary.sha256; });
  if ((!is_known || files_.kind(object(binary)) != FileKind::file) && !store(binary, path)) return;
  std::erase_if(binaries, [&](const CachedBinary& other) { return other.key == binary.key; });
  binaries.insert(binaries.begin(), binary);
  write(std::move(binaries));
}

Result<void> DirectoryCache::store(const CachedBinary& binary, const Path& path) {
  TRY(make_directory(*directory_ / "objects"));
  TRY(files_.remove(object(binary)));  // an entry of another type
  TRY_ASSIGN(const TemporaryDirectory incoming, TemporaryDirectory::make(files_, *directory_, kIncoming));
  TRY(files_.duplicate(path, incoming.path() / "object"));
  return files_.rename(incoming.path() / "object", object(binary));
}

void DirectoryCache::forget(const CachedBinary& binary) {
  const auto lock = files_.try_lock(*directory_);
  if (!lock) return;
  static_cast<void>(files_.remove(object(binary)));
  std::vector<CachedBinary> binaries = index();
  std::erase_if(binaries, [&](const CachedBinary& other) { return other.sha256 == binary.sha256; });
  write(std::move(binaries));
}

void DirectoryCache::write(std::vector<CachedBinary> binaries) {
  std::set<std::string> kept;
  std::erase_if(binaries, [&](const CachedBinary& binary) {
    return !kept.contains(binary.sha256.hex()) && (kept.size() == kMaxBinaries || !kept.insert(binary.sha256.hex()).second);
  });
  if (replace(*directory_ / "index.json", serialize(binaries))) prune(binaries);
}

// Removes objects that are not in the index and partial files of killed builds.
void DirectoryCache::prune(const std::vector<CachedBinary>& binaries) {
  const auto objects = files_.list(*directory_ / "objects");
  for (const std::string& name : objects ? *objects : std::vector<std::string>()) {
    const bool is_kept = std::ranges::any_of(binaries, [&](const CachedBinary& b) { return b.sha256.hex() == name; });
    if (!is_kept) static_cast<void>(files_.remove(*directory_ / "objects" / name));
  }
  const auto names = files_.list(*directory_);
  for (const std::string& name : names ? *names : std::vector<std::string>()) {
    if (name.starts_with(kIncoming)) static_cast<void>(files_.remove(*directory_ / name));
  }
}

std::optional<std::string> DirectoryCache::remembered_key(std::string_view place) const {
  if (!directory_) return std::nullopt;
  const auto text = files_.read(key_file(place), 1024);
  return text ? parse_fingerprint(text::first_line(*text)) : std::nullopt;
}

void DirectoryCache::remember_key(std::string_view place, std::string_view fingerprint) {
  if (!directory_ || !files_.make_directories(*directory_) || !make_directory(*directory_ / "keys")) return;
  static_cast<void>(replace(key_file(place), std::string(fingerprint).append("\n")));
}

}  // namespace mesh::buildpack
