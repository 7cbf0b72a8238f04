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

  // What it means that a file was answered with anything but its content: nothing when it is not there, another one when
  // that is to be tried in its place. Failures: resolve::*, download::*, network::redirect.
  virtual Result<std::optional<Artifact>> instead_of(const Artifact&, const Reply&) = 0;

  // Where else the release may be after all of the plan was tried in vain. Failures: resolve::*, network::*; most often
  // resolve::not-found.
  virtual Result<Plan> resolve_otherwise(const Plan& tried) = 0;
};

// What it means that a file is answered with neither its content nor "there is no such file": download::refused,
// download::server-error, or network::redirect for a redirect without an address. `words` tell who answered what.
Failure refused_download(const Reply&, const std::string& words);

// The source of a request. Borrows all.
std::unique_ptr<Source> make_source(const ReleaseRequest&, const Transport&, Console&);

}  // namespace mesh::buildpack
