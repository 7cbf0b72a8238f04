#pragma once

#include <cstddef>
#include <optional>

#include "buildpack/record/journal.h"
#include "buildpack/report/otlp.h"
#include "common/traceparent.h"
#include "platform/clock.h"
#include "platform/entropy.h"
#include "platform/files.h"

namespace mesh::buildpack::cnb {

// The directory where Heroku's build system reads traces (libcnb.rs, libcnb/src/tracing.rs).
inline constexpr const char* kTraceDirectory = "/tmp/libcnb-telemetry";

// Returns the file of a buildpack's traces: heroku_service_mesh-build.jsonl for "heroku/service-mesh".
Path trace_file(const Path& directory, std::string_view buildpack_id, TracedPhase);

// Writes the record as a trace while the build runs: the span of each step when the step ends, the span of the build at the
// end. A killed build leaves the spans of its finished steps.
class TraceJournal final : public Journal {
 public:
  // `context`: the trace that the build is part of, if any. Borrows files; uses entropy for its ids.
  TraceJournal(const Path& directory, TracedPhase, BuildpackIdentity, const std::optional<Traceparent>& context,
               Files& files, Entropy& entropy);

  const std::string& trace_id() const { return trace_.trace_id; }

  void begin(Duration start) override;
  void save(const BuildRecord&) override;

 private:
  void append(const std::string& line);

  Path file_;
  Files& files_;
  Trace trace_;
  std::size_t phases_written_ = 0;
};

}  // namespace mesh::buildpack::cnb
