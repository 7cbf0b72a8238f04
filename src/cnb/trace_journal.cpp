#include "cnb/trace_journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mesh::cnb {
namespace {

constexpr std::size_t kTraceIdBytes = 16;
constexpr std::size_t kSpanIdBytes = 8;

// In lower-case hexadecimal; never all zeros, which stands for no id.
template <std::size_t size>
std::string new_id(Entropy& entropy) {
  std::array<std::byte, size> bytes{};
  while (std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; })) entropy.fill(bytes);
  std::string id;
  for (const std::byte byte : bytes) id += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return id;
}

}  // namespace

Path trace_file(const Path& directory, std::string_view buildpack_id, TracedPhase phase) {
  std::string stem(buildpack_id);
  std::ranges::replace_if(
      stem, [](char c) { return c == '/' || c == '.' || c == '-'; }, '_');
  return directory / fmt::format("{}-{}.jsonl", stem, name(phase));
}

TraceJournal::TraceJournal(const Path& directory, TracedPhase phase, BuildpackIdentity buildpack,
                           const std::optional<Traceparent>& context, Files& files, Clock& clock, Entropy& entropy)
    : file_(trace_file(directory, buildpack.id, phase)),
      files_(files),
      clock_(clock),
      trace_{.trace_id = context ? context->trace_id : new_id<kTraceIdBytes>(entropy),
             .root_span_id = new_id<kSpanIdBytes>(entropy),
             .parent_span_id = context ? context->parent_id : "",
             .sampled = !context || context->sampled,
             .phase = phase,
             .buildpack = std::move(buildpack)} {}

void TraceJournal::begin() { trace_.start = clock_.unix_time(); }

void TraceJournal::save(const BuildRecord& record) {
  while (phases_written_ < record.phases.size() && record.phases[phases_written_].duration) {
    append(phase_line(trace_, record, phases_written_++));
  }
  if (record.total) append(root_line(trace_, record));
}

void TraceJournal::append(const std::string& line) {
  if (files_.append_line(file_, line)) return;
  // The first time, or when somebody tidied up meanwhile. What stands in the way stays there.
  if (files_.make_directories(file_.parent_path())) static_cast<void>(files_.append_line(file_, line));
}

}  // namespace mesh::cnb
