#pragma once

#include <optional>
#include <string>

#include "buildpack/base/failure.h"
#include "buildpack/record/journal.h"
#include "platform/files.h"

namespace mesh::buildpack {

// Identifies a build in both of its processes, bin/compile and bin/report.
struct BuildIdentity {
  std::string request = {};  // the platform's id of the build request (REQUEST_ID); empty if it names none
  Path directory;            // the app's, absolute
};

// Keeps records between bin/compile and bin/report, and between builds:
//   CACHE_DIR/build-data/heroku-integration-service-mesh.json           the running build, or the last one
//   CACHE_DIR/build-data/heroku-integration-service-mesh.previous.json  the last successful one before it
// The cache directory belongs to all buildpacks: nothing else in it is touched. If it cannot be written, the first one is
// in a directory that only this user may enter: TEMPORARY/heroku-integration-service-mesh.record-<id of the app's
// directory>/.
class RecordStore final : public Journal {
 public:
  // Borrows the files. `temporary_directory`: a directory that every user can write to.
  RecordStore(Files& files, std::optional<Path> cache_directory, const Path& temporary_directory, BuildIdentity);

  // Returns the record of this build. If the record and this build both name a request, it must be the same. Otherwise the
  // directory must be the same, and an entry in it must not have changed since the record was written: a platform that
  // always builds in one directory refills it. Failures: record::missing, record::unreadable.
  Result<BuildRecord> load() const;

  // Returns the last successful build before the running one; nullopt if its record is missing or unreadable.
  std::optional<BuildRecord> load_previous() const;

  // Keeps the last record as the previous one if it reports a success. Removes a private record.
  void begin(Duration start) override;

  // Writes the record whole or not at all.
  void save(const BuildRecord&) override;

  // Returns why the last record could not be written to the cache directory, or without one, to the private directory.
  const std::optional<Failure>& write_failure() const { return write_failure_; }

  // Returns the private directory if the last record is in it.
  std::optional<Path> fallback() const { return fallen_back_ ? std::optional(private_) : std::nullopt; }

 private:
  Result<void> write_to_cache(std::string_view content);
  Result<void> write_privately(std::string_view content);
  std::string with_origin(BuildRecord) const;
  bool is_of_this_build(const Origin&) const;
  Result<BuildRecord> load(const Path&) const;
  Result<BuildRecord> load_if_of_this_build(const Path&) const;

  Files& files_;
  std::optional<Path> directory_;
  BuildIdentity build_;
  Path private_;
  std::optional<Failure> write_failure_;
  bool fallen_back_ = false;
};

}  // namespace mesh::buildpack
