#pragma once

#include "schema/build_record.h"

namespace mesh::buildpack {

// Interface to the storage of the running build's record. A write error never fails a build.
class Journal {
 public:
  virtual ~Journal() = default;

  // Called once when a build begins, with the Unix time of its start.
  virtual void begin(Duration start) = 0;

  // Saves the current record. Called when a step begins or ends, and when the build ends.
  virtual void save(const BuildRecord&) = 0;
};

}  // namespace mesh::buildpack
