#include "buildpack/cnb/trace_journal.h"

#include <fmt/format.h>

#include <algorithm>

namespace mesh::buildpack::cnb {

Path trace_file(const Path& directory, std::string_view buildpack_id, TracedPhase phase) {
  std::string stem(buildpack_id);
  std::ranges::replace_if(
      stem, [](char c) { return c == '/' || c == '.' || c == '-'; }, '_');
  return directory / fmt::format("{}-{}.jsonl", stem, name(phase));
}

TraceJournal::TraceJournal(const Path& directory, TracedPhase phase, BuildpackIdentity buildpack,
                           const std::optional<Traceparent>& context, Files& files, Entropy& entropy)
    : file_(trace_file(directory, buildpack.id, phase)),
      files_(files),
      trace_{.trace_id = context ? context->trace_id : random_id(entropy, kTraceIdBytes),
             .root_span_id = random_id(entropy, kSpanIdBytes),
             .parent_span_id = context ? context->parent_id : "",
             .sampled = !context || context->sampled,
             .phase = phase,
             .buildpack = std::move(buildpack)} {}

void TraceJournal::begin(Duration start) { trace_.start = start; }

void TraceJournal::save(const BuildRecord& record) {
  while (phases_written_ < record.phases.size() && record.phases[phases_written_].duration) {
    append(phase_line(trace_, record, phases_written_++));
  }
  if (record.total) append(root_line(trace_, record));
}

void TraceJournal::append(const std::string& line) {
  if (files_.append_line(file_, line)) return;
  // The directory is missing the first time, or was removed meanwhile. An entry of another type in its place stays there.
  if (files_.make_directories(file_.parent_path())) static_cast<void>(files_.append_line(file_, line));
}

}  // namespace mesh::buildpack::cnb
