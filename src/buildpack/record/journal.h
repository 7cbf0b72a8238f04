#pragma once

#include "schema/build_record.h"

namespace mesh::buildpack {

// Where the record of the build that runs is written while it goes on. Nothing here ever fails a build: what cannot be
// written is not.
class Journal {
 public:
  virtual ~Journal() = default;

  // Called once, as a build begins, with the unix time of its start.
  virtual void begin(Duration start) = 0;

  // The record as it stands: as each step begins and ends, and as the build ends.
  virtual void save(const BuildRecord&) = 0;
};

}  // namespace mesh::buildpack
