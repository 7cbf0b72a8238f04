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

// The attempts and bytes of a download, successful or not.
struct DownloadEffort {
  int attempts = 0;
  std::uint64_t bytes = 0;  // received, over all attempts
};

struct Downloaded {
  Artifact artifact;  // the candidate that exists
  std::string host;   // of the last redirect; empty for a file
  std::uint64_t bytes;
  Sha256 sha256;
  std::string validator;  // its entity tag (RFC 9110, section 8.8.3); empty if the server sent none
};

// The results of a download that did not fail.
struct NotFound {};   // no candidate exists
struct Unchanged {};  // the validator still matches the first candidate
using Arrived = std::variant<Downloaded, Unchanged, NotFound>;

// Called when the content of an artifact begins, with the announced number of bytes. Called again after a restart, which
// discards the previous content.
using Beginning = std::function<void(const Artifact&, std::optional<std::uint64_t> bytes)>;

// Downloads the first existing candidate of the plan into the file, computes its digest, and logs the progress every few
// seconds.
class Download {
 public:
  // Borrows all.
  Download(const Transport&, Clock&, Console&, const ArchiveLimits&, Packaging);

  // Runs the download. `validator` is the entity tag of the first candidate in the cache, or empty. Failures: download::*,
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
