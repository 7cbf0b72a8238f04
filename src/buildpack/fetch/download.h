#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "buildpack/base/failure.h"
#include "buildpack/fetch/arriving_file.h"
#include "buildpack/fetch/gunzip.h"
#include "buildpack/release/plan.h"
#include "buildpack/release/source.h"
#include "buildpack/release/transport.h"
#include "common/digest.h"
#include "platform/clock.h"
#include "platform/console.h"

namespace mesh::buildpack {

// How much a download took, whether or not it succeeded.
struct DownloadEffort {
  int attempts = 0;
  std::uint64_t bytes = 0;  // received, over all attempts
};

struct Downloaded {
  Artifact artifact;  // the candidate that was there
  std::string host;   // that sent it, behind all redirects; empty for a file
  std::uint64_t bytes;
  Sha256 sha256;
  std::string validator;  // its entity tag (RFC 9110, section 8.8.3), where the server named one
};

// How a download ended that did not fail.
struct NothingThere {};  // none of the candidates exists
struct Unchanged {};     // the first one is still the content that the validator is of
using Arrived = std::variant<Downloaded, Unchanged, NothingThere>;

// Hears of each beginning of an artifact's content, and how many bytes were announced: the first, and any later one that
// makes those before it void.
using Beginning = std::function<void(const Artifact&, std::optional<std::uint64_t> bytes)>;

// Fetches the first candidate of the plan that is there into the file, digesting it on the way, with a line in the log every
// few seconds.
class Download {
 public:
  // Borrows all.
  Download(const Transport&, Clock&, Console&, const ArchiveLimits&, Packaging);

  // `validator` is of the content of the first candidate that need not be sent again; empty for none. Failures: download::*,
  // network::*, install::*, resolve::* of the source.
  Result<Arrived> run(const Plan&, Source&, const std::string& validator, ArrivingFile&, const Beginning&);

  const DownloadEffort& effort() const { return effort_; }

 private:
  const Transport& transport_;
  Clock& clock_;
  Console& console_;
  const ArchiveLimits& limits_;
  Packaging packaging_;
  DownloadEffort effort_;
};

}  // namespace mesh::buildpack
