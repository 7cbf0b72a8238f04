#pragma once

#include <optional>
#include <string>

#include "platform/files.h"
#include "record/journal.h"

namespace mesh {

// Identifies a build in both of its processes, bin/compile and bin/report.
struct BuildIdentity {
  std::string request = {};  // the platform's id of the build request (REQUEST_ID); empty if it names none
  Path directory;            // the app's, absolute
};

// Where records live between bin/compile and bin/report, and between builds:
//   CACHE_DIR/build-data/heroku-integration-service-mesh.json           the build that runs, or the last one
//   CACHE_DIR/build-data/heroku-integration-service-mesh.previous.json  the last successful one before it
// The cache directory belongs to all buildpacks: nothing else in it is touched. Where it cannot be written, the first one is
// in a directory that only this user may enter: TEMPORARY/heroku-integration-service-mesh.record-<id of the app's
// directory>/.
class RecordStore final : public Journal {
 public:
  // Borrows the files. `temporary_directory`: where everybody may put something.
  RecordStore(Files& files, std::optional<Path> cache_directory, const Path& temporary_directory, BuildIdentity);

  // The record of this build: it names the same request; where the platform names none to either process, the same
  // directory, in which something has not changed since the record was written. (A platform that builds in one directory
  // fills it again for every build.) Failures: record::missing, record::unreadable.
  Result<BuildRecord> load() const;

  // The last successful build before the one that runs, if its record can be read.
  std::optional<BuildRecord> load_previous() const;

  // Keeps the last record as the previous one if it tells of a success; removes a private one.
  void begin(Duration start) override;

  // Whole or not at all.
  void save(const BuildRecord&) override;

  // Why the last record is not in the cache directory, if it is not.
  const std::optional<Failure>& trouble() const { return trouble_; }

  // The private directory, if the last record is in it.
  std::optional<Path> fallback() const { return fallen_back_ ? std::optional(private_) : std::nullopt; }

 private:
  Result<void> write_to_cache(std::string_view content);
  Result<void> write_privately(std::string_view content);
  std::string stamped(BuildRecord) const;
  bool is_of_this_build(const Origin&) const;
  Result<BuildRecord> load(const Path&) const;
  Result<BuildRecord> load_if_of_this_build(const Path&) const;

  Files& files_;
  std::optional<Path> directory_;
  BuildIdentity build_;
  Path private_;
  std::optional<Failure> trouble_;
  bool fallen_back_ = false;
};

}  // namespace mesh
