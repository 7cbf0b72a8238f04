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

// Where Heroku's build system looks for traces (libcnb.rs, libcnb/src/tracing.rs).
inline constexpr const char* kTraceDirectory = "/tmp/libcnb-telemetry";

// The file of a buildpack's traces in such a directory: "heroku/service-mesh" has heroku_service_mesh-build.jsonl.
Path trace_file(const Path& directory, std::string_view buildpack_id, TracedPhase);

// Writes the record as a trace while it grows: the span of each step when the step ends, that of the whole at the end. A
// build that is killed leaves the steps that had ended.
class TraceJournal final : public Journal {
 public:
  // `context`: the trace it is a part of, where there is one. Borrows files; uses entropy for its ids.
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
