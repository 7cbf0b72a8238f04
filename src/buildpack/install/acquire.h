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

// What an acquisition works with. Borrowed.
struct Workshop {
  Files& files;
  Clock& clock;
  Console& console;
  Processes& processes;
  const Transport& transport;
  BinaryCache& cache;
  const Inventory& inventory;
  Record& record;
  std::string search_path;  // of programs of this machine
};

// A program that may be installed.
struct Acquired {
  CachedBinary binary;                    // what is known of it
  Path path;                              // where it is
  std::unique_ptr<Arrival> arrival = {};  // that brought it; none for one from the cache
  std::string key_place = {};             // where its key is to be remembered, when it was seen for the first time
};

// Keeps an acquired program, which is at `path` now, for the next build, and the key that it was signed with.
void keep(const Acquired&, const Path& path, BinaryCache&);

// The way of a program into a build: found in the cache, or resolved, downloaded, verified, unpacked; in any case inspected.
// Each is a phase of the record, and a line in the log.
//
// A pinned program that is in the cache asks nobody. The latest is asked for, once, and not downloaded again when it is
// still the same. Where its source is out of reach, the program of the last build is as good as any.
class Acquisition {
 public:
  // `directory` exists, is empty, and is in the file system that the program goes to.
  Acquisition(const ReleaseRequest& request, Path directory, Strictness, const Workshop&);

  // Failures: resolve::*, network::*, download::*, verify::*, archive::*, binary::*, install::*, platform::missing-tool,
  // build::interrupted.
  Result<Acquired> run();

 private:
  bool is_pinned() const { return !request_.version.is_latest() || request_.trust.pin.has_value(); }
  std::string took(Step) const;

  Result<std::optional<CachedBinary>> look_up();
  Result<std::optional<Acquired>> use(const CachedBinary&, std::string_view status);
  Result<Acquired> fetch(std::optional<CachedBinary>&);  // forgets one that turns out to be of no use
  Result<Acquired> fall_back(const CachedBinary&, const Failure&);
  Result<Plan> resolve();
  Result<std::optional<Acquired>> receive(const Plan&, const std::string& validator);
  Result<Arrived> download(const Plan&, const std::string& validator, Arrival&);
  Result<Trusted> verify(const Downloaded&, Arrival&);
  Result<Acquired> unpack(const Downloaded&, const Trusted&, std::unique_ptr<Arrival>);
  Result<void> inspect(Acquired&);
  Result<void> try_out(Acquired&);
  Result<std::unique_ptr<Arrival>> open_arrival();
  void state(const CachedBinary&);

  const ReleaseRequest& request_;
  Path directory_;
  Strictness strictness_;
  Workshop workshop_;
  std::unique_ptr<Source> source_;
  Verification verification_;
  Download download_;
  CacheKey key_;
  int arrivals_ = 0;
};

}  // namespace mesh::buildpack
