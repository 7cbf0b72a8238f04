#pragma once

#include <memory>
#include <optional>
#include <string>

#include "buildpack/base/failure.h"
#include "buildpack/release/plan.h"
#include "buildpack/release/request.h"
#include "buildpack/release/transport.h"
#include "platform/console.h"

namespace mesh::buildpack {

// Interface to a release server: a repository on GitHub, an S3 bucket, or a mirror of one of them on a server or in a
// directory.
class Source {
 public:
  virtual ~Source() = default;

  // Returns a text for the log: "heroku/heroku-integration-service-mesh at https://github.com/".
  virtual std::string description() const = 0;

  // Returns a unique id of this source for the cache, without secrets.
  virtual std::string identity() const = 0;

  // Returns the files to try for the requested release. Sends a request only if necessary. Failures: resolve::*, network::*.
  virtual Result<Plan> resolve() = 0;

  // Handles an unsuccessful reply to the download of a file. Returns nullopt if the file does not exist, or another file to
  // try in its place. Failures: resolve::*, download::*, network::redirect.
  virtual Result<std::optional<Artifact>> on_error_reply(const Artifact&, const Reply&) = 0;

  // Returns other files to try if no file of the plan exists. Failures: resolve::*, network::*; most often
  // resolve::not-found.
  virtual Result<Plan> resolve_fallback(const Plan& tried) = 0;
};

// Returns the failure for a reply that is neither a success nor "not found": download::refused, download::server-error, or
// network::redirect for a redirect without a Location. `detail` describes the reply.
Failure refused_download(const Reply&, const std::string& detail);

// Makes the source for a request. Borrows all.
std::unique_ptr<Source> make_source(const ReleaseRequest&, const Transport&, Console&);

}  // namespace mesh::buildpack
