#pragma once

#include <string>

#include "common/error.h"
#include "common/result.h"
#include "schema/failure.h"

namespace mesh::buildpack {

// What a function of the buildpack returns when it could not do its work. `detail` is what varied this time (an address, a
// path, a number): one line, for people and for the report, without secrets.
struct Failure {
  Failure(Reason the_reason, std::string the_detail);
  // The one place where an error of common/ or platform/ gets its reason. Callers that know more name a reason themselves: a
  // config var that cannot be read is config::unreadable, whatever kept it from being read.
  Failure(Error);  // NOLINT(google-explicit-constructor): TRY hands an error on as a failure

  Reason reason;
  std::string detail;
};

// A value, or the failure that came instead.
template <class T>
using Result = common::Result<T, Failure>;

}  // namespace mesh::buildpack
