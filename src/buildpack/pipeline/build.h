#pragma once

#include <functional>
#include <optional>
#include <string>

#include "buildpack/base/failure.h"
#include "buildpack/doctor/doctor.h"
#include "buildpack/fetch/binary_cache.h"
#include "buildpack/install/acquire.h"
#include "buildpack/pipeline/prepare.h"
#include "buildpack/pipeline/world.h"
#include "buildpack/record/record.h"
#include "buildpack/release/settings.h"

namespace mesh::buildpack {

// The steps after the settings that builds of both lifecycles share: the mesh binary and the doctor. Each step is a phase of
// the record and a line in the log. The lifecycle decides where the binary goes.
class Build {
 public:
  // Borrows all but the last.
  Build(const Site& site, const BuildContext& context, const World& world, Record& record, BinaryCache& cache,
        Prepared prepared)
      : site_(site), context_(context), world_(world), record_(record), cache_(cache), prepared_(std::move(prepared)) {}

  // Returns the path in the app of the mesh binary that the app brings; nullopt if it brings none.
  std::optional<Path> vendored() const;

  // Checks the mesh binary that the app contains, or a copy of it in `file`. Failures: vendored::*, install::*.
  Result<CachedBinary> adopt(const Path& binary, const Path& file);

  // Brings a mesh binary into `directory`, which exists, is empty, and is in the file system that the binary goes to.
  // Failures: as Acquisition::run.
  Result<Acquired> acquire(const Path& directory);

  // States whether the version differs from the last successful build's. Precondition: the mesh binary is in place.
  void compare_with_previous(const std::string& version);

  // Runs the doctor and states its findings.
  Result<doctor::Checkup> examine(const std::function<doctor::Checkup()>& doctor);

  // Logs the findings. Failure: procfile::strict, if they end a strict build.
  Result<void> advise(const doctor::Checkup&);

  const Settings& settings() const { return prepared_.settings; }
  const procfile::App& app() const { return prepared_.app; }
  Product product() const { return prepared_.product; }
  std::string took(Step step) const;

 private:
  Result<void> inspect_vendored(const Path& binary, const Path& file);

  const Site& site_;
  const BuildContext& context_;
  const World& world_;
  Record& record_;
  BinaryCache& cache_;
  Prepared prepared_;
};

// States the facts that are known before anything can fail.
void state_surroundings(const BuildContext&, Architecture, std::string_view generation, Record&);

// How a build ended.
struct BuildOutcome {
  Result<void> result;
  Product product = Product::integration;  // that it was to install, for the message about its failure
};

// Runs a build to its end and ends its record: with the failure that `build` returned, that it threw, or with
// build::interrupted if a signal asked it to stop.
BuildOutcome run_build(const World&, Record&, const std::function<Result<void>()>& build);

}  // namespace mesh::buildpack
