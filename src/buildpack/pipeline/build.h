#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "buildpack/base/architecture.h"
#include "buildpack/base/failure.h"
#include "buildpack/doctor/doctor.h"
#include "buildpack/fetch/binary_cache.h"
#include "buildpack/install/acquire.h"
#include "buildpack/pipeline/world.h"
#include "buildpack/record/record.h"
#include "buildpack/release/inventory.h"
#include "buildpack/release/settings.h"

namespace mesh::buildpack {

// Where a build takes place.
struct Site {
  Path app;
  Architecture architecture = kArchitecture;  // of the machines that the app will run on
};

// What builds of both generations have in common: the settings, the program, and a look at how the app starts. Each step is
// a phase of the record and a line in the log; where the program goes is told by the lifecycle.
class Build {
 public:
  // Borrows all.
  Build(const Site& site, const BuildContext& context, const World& world, Record& record, BinaryCache& cache)
      : site_(site), context_(context), world_(world), record_(record), cache_(cache) {}

  // Reads the settings, chooses the product, and makes the connection. First of all, once. Failures:
  // platform::build-directory, platform::inventory, config::*.
  Result<Settings> settle();

  // The program that the app brings, as the path in the app; nothing when it brings none.
  std::optional<Path> vendored() const;

  // Checks the mesh binary that the app contains, or a copy of it in `file`. Failures: vendored::*, install::*.
  Result<CachedBinary> adopt(const Settings&, const Path& binary, const Path& file);

  // Brings a program into `directory`, which exists, is empty, and is in the file system that the program goes to. Failures:
  // as Acquisition::run.
  Result<Acquired> acquire(const Settings&, const Path& directory);

  // States how the version differs from that of the last successful build, once the program is in place.
  void compare_with_previous(const std::string& version);

  // Runs the doctor, and states what it found.
  Result<doctor::Checkup> examine(const std::function<doctor::Checkup()>& doctor);

  // Says what was found. Failure: procfile::strict, where a strict build has to end for it.
  Result<void> advise(const Settings&, const doctor::Checkup&);

  const procfile::App& app() const { return app_; }
  Product product() const { return *app_.product; }
  std::string took(Step step) const;

 private:
  Result<void> choose_product();
  Result<void> inspect_vendored(const Path& binary, const Path& file);
  void connect(const Settings&);

  const Site& site_;
  const BuildContext& context_;
  const World& world_;
  Record& record_;
  BinaryCache& cache_;
  procfile::App app_ = {};
  Inventory inventory_ = {};
  std::unique_ptr<Http> http_;
  std::optional<Transport> transport_;
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
