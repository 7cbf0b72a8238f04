#pragma once

#include <cstddef>
#include <string>

#include "schema/build_record.h"

// A record as a trace: OTLP/JSON, as Heroku's Cloud Native buildpacks write it (libcnb.rs, libcnb/src/tracing.rs; OTLP
// specification, "JSON Protobuf Encoding"; OpenTelemetry file exporter, "JSON lines"). docs/report.md describes it for those
// who read it.
namespace mesh::buildpack {

// What is traced: bin/detect or bin/build.
enum class TracedPhase { detect, build };

std::string_view name(TracedPhase);

struct BuildpackIdentity {
  std::string id;  // "heroku/service-mesh"
  std::string name;
  std::string version;
  std::string homepage;
};

// What a record does not know of its trace. Ids are lower-case hexadecimal and not all 0: 32 digits for the trace, 16 for a
// span.
struct Trace {
  std::string trace_id;
  std::string root_span_id;
  std::string parent_span_id = {};  // of the platform's span around all this; empty where there is none
  bool sampled = true;              // whether who began the trace asks to keep it
  TracedPhase phase = TracedPhase::build;
  Duration start = {};  // unix time at which the record began
  BuildpackIdentity buildpack;
};

// One line each, without its end: a whole TracesData with one span. Strings in it are valid UTF-8 of at most 1000
// characters, so that a line stays below 512 KiB.

// The span of the run of a step, record.phases[index], which has ended.
std::string phase_line(const Trace&, const BuildRecord&, std::size_t index);

// The span of the whole, with everything that the report says (`project`). The record has ended.
std::string root_line(const Trace&, const BuildRecord&);

}  // namespace mesh::buildpack
