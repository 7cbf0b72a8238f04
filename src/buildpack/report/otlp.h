#pragma once

#include <cstddef>
#include <string>

#include "schema/build_record.h"

// Writes a record as an OTLP/JSON trace, in the form of Heroku's Cloud Native buildpacks (libcnb.rs, libcnb/src/tracing.rs;
// OTLP specification, "JSON Protobuf Encoding"; OpenTelemetry file exporter, "JSON lines"). docs/report.md describes it for
// readers.
namespace mesh::buildpack {

// The traced script: bin/detect or bin/build.
enum class TracedPhase { detect, build };

std::string_view name(TracedPhase);

struct BuildpackIdentity {
  std::string id;  // "heroku/service-mesh"
  std::string name;
  std::string version;
  std::string homepage;
};

// The properties of a trace that a record does not contain. Ids are lower-case hexadecimal and not all 0: 32 digits for the
// trace, 16 for a span.
struct Trace {
  std::string trace_id;
  std::string root_span_id;
  std::string parent_span_id = {};  // of the platform's span around the build; empty without one
  bool sampled = true;              // the caller's sampling decision
  TracedPhase phase = TracedPhase::build;
  Duration start = {};  // the Unix time of the record's start
  BuildpackIdentity buildpack;
};

// Each function returns one line without a newline: a complete TracesData with one span. Its strings are valid UTF-8 of at
// most 1000 characters, so that a line is shorter than 512 KiB.

// Returns the span of record.phases[index], which has ended.
std::string phase_line(const Trace&, const BuildRecord&, std::size_t index);

// Returns the root span with all report keys (`project`). The record has ended.
std::string root_line(const Trace&, const BuildRecord&);

}  // namespace mesh::buildpack
