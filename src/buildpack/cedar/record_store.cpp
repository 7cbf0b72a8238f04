#include "buildpack/cedar/record_store.h"

#include <span>

#include "common/digest.h"

namespace mesh::buildpack {
namespace {

constexpr std::size_t kMaxRecordBytes = 256 * 1024;
constexpr const char* kCurrent = "heroku-integration-service-mesh.json";
constexpr const char* kPrevious = "heroku-integration-service-mesh.previous.json";

std::string id_of(const Path& directory) {
  constexpr std::size_t kDigits = 16;
  Sha256Stream stream;
  stream.add(std::as_bytes(std::span(directory.native())));
  return stream.finish().hex().substr(0, kDigits);
}

// Returns the same path for each way to write it, "/app/" and "/./app".
Path normal(const Path& directory) {
  Path path = directory.lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

RecordStore::RecordStore(Files& files, std::optional<Path> cache_directory, const Path& temporary_directory,
                         BuildIdentity build)
    : files_(files),
      build_{std::move(build.request), normal(build.directory)},
      private_(temporary_directory / ("heroku-integration-service-mesh.record-" + id_of(build_.directory))) {
  if (cache_directory) directory_ = *cache_directory / "build-data";
}

Result<BuildRecord> RecordStore::load() const {
  if (files_.is_private_directory(private_)) {
    if (auto record = load_if_of_this_build(private_ / kCurrent)) return record;
  }
  if (!directory_) return Failure{Reason::record_missing, "no cache directory was named"};
  return load_if_of_this_build(*directory_ / kCurrent);
}

Result<BuildRecord> RecordStore::load_if_of_this_build(const Path& path) const {
  TRY_ASSIGN(BuildRecord record, load(path));
  if (is_of_this_build(record.origin)) return record;
  return Failure{Reason::record_missing, "the last record belongs to another build"};
}

bool RecordStore::is_of_this_build(const Origin& origin) const {
  if (!origin.request.empty() && !build_.request.empty()) return origin.request == build_.request;
  if (!origin.changed_at || origin.directory != build_.directory.native()) return false;
  const auto times = files_.change_times(build_.directory);
  return times && times->earliest <= *origin.changed_at;
}

std::optional<BuildRecord> RecordStore::load_previous() const {
  if (!directory_) return std::nullopt;
  auto record = load(*directory_ / kPrevious);
  if (!record || record->status != BuildStatus::success) return std::nullopt;
  return *std::move(record);
}

void RecordStore::begin(Duration /*start*/) {
  static_cast<void>(files_.remove(private_));  // left by an earlier build of the same directory
  if (!directory_) return;
  const auto last = load(*directory_ / kCurrent);
  if (!last || last->status != BuildStatus::success) return;
  static_cast<void>(files_.rename(*directory_ / kCurrent, *directory_ / kPrevious));
}

// Keeps a private record private, because two records of one build would contradict each other.
void RecordStore::save(const BuildRecord& record) {
  const std::string content = with_origin(record);
  if (directory_ && !fallen_back_) {
    auto written = write_to_cache(content);
    write_failure_.reset();
    if (written) return;
    write_failure_ = std::move(written).failure();
  }
  auto written = write_privately(content);
  fallen_back_ = static_cast<bool>(written);
  if (fallen_back_) return;
  static_cast<void>(files_.remove(private_));
  if (!write_failure_) write_failure_ = std::move(written).failure();
}

Result<void> RecordStore::write_privately(std::string_view content) {
  TRY(files_.make_private_directory(private_));
  return files_.replace(private_ / kCurrent, content);
}

std::string RecordStore::with_origin(BuildRecord record) const {
  record.origin = {.request = build_.request, .directory = build_.directory.native()};
  if (const auto times = files_.change_times(build_.directory)) record.origin.changed_at = times->latest;
  return serialize(record);
}

Result<void> RecordStore::write_to_cache(std::string_view content) {
  const Path path = *directory_ / kCurrent;
  if (files_.replace(path, content)) return {};
  // The directory is missing in the first build, or if another buildpack emptied the cache.
  if (files_.make_directories(*directory_) && files_.replace(path, content)) return {};
  // The disk may be full, or an entry of another type may be in the way. No record is better than one of an earlier step.
  TRY(files_.remove(path));
  return files_.replace(path, content);
}

Result<BuildRecord> RecordStore::load(const Path& path) const {
  if (files_.kind(path) == FileKind::missing) return Failure{Reason::record_missing, path.filename().native()};
  const auto content = files_.read(path, kMaxRecordBytes);
  if (!content) return Failure{Reason::record_unreadable, content.failure().detail};
  auto record = parse_record(*content);
  if (!record) return Failure{Reason::record_unreadable, path.filename().native()};
  return *std::move(record);
}

}  // namespace mesh::buildpack
