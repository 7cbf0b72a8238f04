#include "record/record_store.h"

namespace mesh {
namespace {

constexpr std::size_t kMaxRecordBytes = 256 * 1024;
constexpr const char* kCurrent = "heroku-integration-service-mesh.json";
constexpr const char* kPrevious = "heroku-integration-service-mesh.previous.json";

}  // namespace

RecordStore::RecordStore(Files& files, std::optional<Path> cache_directory, BuildIdentity build)
    : files_(files), build_{std::move(build.request), build.directory.lexically_normal()} {
  if (cache_directory) directory_ = *cache_directory / "build-data";
}

Result<BuildRecord> RecordStore::load() const {
  if (!directory_) return Failure{Reason::record_missing, "no cache directory was named"};
  TRY_ASSIGN(BuildRecord record, load(*directory_ / kCurrent));
  if (is_of_this_build(record.origin)) return record;
  return Failure{Reason::record_missing, "the last record is of another build"};
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
  if (!directory_) return;
  const auto last = load(*directory_ / kCurrent);
  if (!last || last->status != BuildStatus::success) return;
  static_cast<void>(files_.rename(*directory_ / kCurrent, *directory_ / kPrevious));
}

void RecordStore::save(const BuildRecord& record) {
  if (!directory_) return;
  trouble_.reset();
  if (auto written = write(stamped(record)); !written) trouble_ = std::move(written).failure();
}

std::string RecordStore::stamped(BuildRecord record) const {
  record.origin = {.request = build_.request, .directory = build_.directory.native()};
  if (const auto times = files_.change_times(build_.directory)) record.origin.changed_at = times->latest;
  return serialize(record);
}

Result<void> RecordStore::write(std::string_view content) {
  const Path path = *directory_ / kCurrent;
  if (files_.replace(path, content)) return {};
  // The first time, or when a step of the app emptied the cache meanwhile.
  if (files_.make_directories(*directory_) && files_.replace(path, content)) return {};
  // No room for two, or something else of that name: rather no record than one that tells of an earlier step.
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

}  // namespace mesh
