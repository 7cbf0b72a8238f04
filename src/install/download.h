#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/digest.h"
#include "install/arriving_file.h"
#include "install/limits.h"
#include "platform/clock.h"
#include "platform/console.h"
#include "platform/transport.h"
#include "release/plan.h"

namespace mesh {

// How much a download took, whether or not it succeeded.
struct DownloadEffort {
  int attempts = 0;
  std::uint64_t bytes = 0;  // received, over all attempts
};

struct Downloaded {
  Artifact artifact;  // the candidate that was there
  std::string host;   // that sent it, behind all redirects
  std::uint64_t bytes;
  Sha256 sha256;
};

// Fetches the first candidate of the plan that is there into the file, digesting it on the way, with a line in the log every
// few seconds. Nothing when none of them is there. Failures: download::*, network::*, install::*.
class Download {
 public:
  // Borrows all.
  Download(const Transport&, Clock&, Console&, const ArchiveLimits&);

  Result<std::optional<Downloaded>> run(const Plan&, ArrivingFile&);

  const DownloadEffort& effort() const { return effort_; }

 private:
  const Transport& transport_;
  Clock& clock_;
  Console& console_;
  const ArchiveLimits& limits_;
  DownloadEffort effort_;
};

}  // namespace mesh
