#pragma once

#include <memory>
#include <optional>
#include <string>

#include "buildpack/base/failure.h"
#include "buildpack/fetch/binary_cache.h"
#include "buildpack/fetch/download.h"
#include "buildpack/record/record.h"
#include "buildpack/release/inventory.h"
#include "buildpack/release/settings.h"
#include "buildpack/release/source.h"
#include "buildpack/verify/arrival.h"
#include "buildpack/verify/verify.h"
#include "platform/clock.h"
#include "platform/console.h"

namespace mesh::buildpack {

// The dependencies of an acquisition. Borrowed.
struct AcquireContext {
  Files& files;
  Clock& clock;
  Console& console;
  Processes& processes;
  const Transport& transport;
  BinaryCache& cache;
  const Inventory& inventory;
  Record& record;
  std::string search_path;  // PATH of this machine
};

// A verified mesh binary that is ready to install.
struct Acquired {
  CachedBinary binary;
  Path path;
  std::unique_ptr<Arrival> arrival = {};  // its download; null for a cached binary
  std::string key_place = {};             // the place to remember a new signing key for; empty if the key is not new
};

// Stores an acquired binary, which is at `path` now, and its signing key in the cache for the next build.
void keep(const Acquired&, const Path& path, BinaryCache&);

// Brings a mesh binary into a build: takes it from the cache, or resolves, downloads, verifies and unpacks it; then inspects
// it. Each step is a phase of the record, and a line in the log.
//
// A pinned binary in the cache needs no request. The latest release is resolved with one request, and is downloaded only if
// it changed. If its source is unreachable, the binary of the last build is the fallback.
class Acquisition {
 public:
  // Takes an existing, empty directory in the file system of the app.
  Acquisition(const ReleaseRequest& request, Path directory, Strictness, const AcquireContext&);

  // Failures: resolve::*, network::*, download::*, verify::*, archive::*, binary::*, install::*, platform::missing-tool,
  // build::interrupted.
  Result<Acquired> run();

 private:
  bool is_pinned() const { return !request_.version.is_latest() || request_.trust.pin.has_value(); }
  std::string took(Step) const;

  Result<std::optional<CachedBinary>> look_up();
  Result<std::optional<Acquired>> use(const CachedBinary&, std::string_view status);
  Result<Acquired> fetch(std::optional<CachedBinary>&);  // resets an unusable cached binary
  Result<Acquired> fall_back(const CachedBinary&, const Failure&);
  Result<Plan> resolve();
  Result<std::optional<Acquired>> receive(const Plan&, const std::string& validator);
  Result<Arrived> download(const Plan&, const std::string& validator, Arrival&);
  Result<Trusted> verify(const Downloaded&, Arrival&);
  Result<Acquired> unpack(const Downloaded&, const Trusted&, std::unique_ptr<Arrival>);
  Result<void> inspect(Acquired&);
  Result<void> smoke_test(Acquired&);
  Result<std::unique_ptr<Arrival>> open_arrival();
  void state(const CachedBinary&);

  const ReleaseRequest& request_;
  Path directory_;
  Strictness strictness_;
  AcquireContext context_;
  std::unique_ptr<Source> source_;
  Verification verification_;
  Download download_;
  CacheKey key_;
  int arrivals_ = 0;
};

}  // namespace mesh::buildpack
