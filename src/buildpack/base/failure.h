#pragma once

#include <string>

#include "common/error.h"
#include "common/result.h"
#include "schema/failure.h"

namespace mesh::buildpack {

// The failure of a function of the buildpack. `detail` contains the values (an address, a path, a number): one line, for
// people and for the report, without secrets.
struct Failure {
  Failure(Reason the_reason, std::string the_detail);
  // Gives an error of common/ or platform/ its reason; nothing else does. Callers that know more name a reason themselves:
  // an unreadable config var is config::unreadable, for every kind of error.
  Failure(Error);  // NOLINT(google-explicit-constructor): TRY hands an error on as a failure

  Reason reason;
  std::string detail;
};

// A value or a failure.
template <class T>
using Result = common::Result<T, Failure>;

}  // namespace mesh::buildpack
