#pragma once

#include <optional>

#include "platform/files.h"
#include "record/journal.h"

namespace mesh {

// Where records live between bin/compile and bin/report, and between builds:
//   CACHE_DIR/build-data/heroku-integration-service-mesh.json           the build that runs, or the last one
//   CACHE_DIR/build-data/heroku-integration-service-mesh.previous.json  the last successful one before it
// The cache directory belongs to all buildpacks: nothing else in it is touched.
class RecordStore final : public Journal {
 public:
  // Borrows the files. Without a cache directory nothing is kept.
  RecordStore(Files& files, std::optional<Path> cache_directory);

  // The record of the build that runs or ran last. Failures: record::missing, record::unreadable.
  Result<BuildRecord> load() const;

  // The last successful build before the one that runs, if its record can be read.
  std::optional<BuildRecord> load_previous() const;

  // Keeps the last record as the previous one if it tells of a success.
  void begin(Duration) override;

  // Whole or not at all.
  void save(const BuildRecord&) override;

 private:
  Result<BuildRecord> load(const Path&) const;

  Files& files_;
  std::optional<Path> directory_;
};

}  // namespace mesh
