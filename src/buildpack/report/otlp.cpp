#include "buildpack/report/otlp.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "buildpack/base/failure.h"
#include "buildpack/report/projection.h"
#include "common/digest.h"
#include "common/json.h"
#include "common/text.h"

namespace mesh::buildpack {
namespace {

constexpr std::size_t kMaxCharacters = 1000;
constexpr std::size_t kSpanIdDigits = 16;
constexpr int kInternal = 1;     // Span.SpanKind
constexpr int kStatusUnset = 0;  // Status.StatusCode
constexpr int kStatusError = 2;

// SpanFlags: the low eight bits are W3C's, of which only "sampled" is known.
constexpr int kSampled = 0x01;
constexpr int kKnowsWhetherParentIsRemote = 0x100;
constexpr int kParentIsRemote = 0x200;

// The error of a span.
struct Error {
  std::string id;  // FailureEntry::id
  std::string message;
};

// Returns valid UTF-8 of limited length. Readers reject a whole line for one invalid or oversized text.
std::string attribute_text(std::string_view text) { return text::clip(text::valid_utf8(text), kMaxCharacters); }

OrderedJson attribute_value(const std::string& text) { return OrderedJson::object({{"stringValue", attribute_text(text)}}); }
OrderedJson attribute_value(std::int64_t number) { return OrderedJson::object({{"intValue", fmt::format("{}", number)}}); }
OrderedJson attribute_value(double number) { return OrderedJson::object({{"doubleValue", number}}); }
OrderedJson attribute_value(bool truth) { return OrderedJson::object({{"boolValue", truth}}); }

// Returns whether readers accept the attribute. JSON has only finite numbers, and readers reject a whole line for an empty
// key.
bool is_valid_attribute(std::string_view key, const Value& value) {
  const double* number = std::get_if<double>(&value);
  return !key.empty() && (number == nullptr || std::isfinite(*number));
}

void add(OrderedJson& attributes, std::string_view key, const Value& value) {
  if (!is_valid_attribute(key, value)) return;
  attributes.push_back(OrderedJson::object(
      {{"key", key}, {"value", std::visit([](const auto& plain) { return attribute_value(plain); }, value)}}));
}

void add_buildpack(OrderedJson& attributes, const BuildpackIdentity& buildpack) {
  add(attributes, "buildpack_id", buildpack.id);
  add(attributes, "buildpack_name", buildpack.name);
  add(attributes, "buildpack_version", buildpack.version);
  add(attributes, "buildpack_homepage", buildpack.homepage);
}

// Returns the resource. The SDK name "opentelemetry" is reserved (semantic conventions, telemetry.sdk.name).
OrderedJson resource(const BuildpackIdentity& buildpack) {
  OrderedJson attributes = OrderedJson::array();
  add(attributes, "telemetry.sdk.name", std::string("mesh-buildpack"));
  add(attributes, "telemetry.sdk.language", std::string("cpp"));
  add(attributes, "telemetry.sdk.version", buildpack.version);
  add(attributes, "service.name", buildpack.id);
  add(attributes, "service.version", buildpack.version);
  add_buildpack(attributes, buildpack);
  return {{"attributes", std::move(attributes)}, {"droppedAttributesCount", 0}, {"entityRefs", OrderedJson::array()}};
}

OrderedJson scope(const BuildpackIdentity& buildpack) {
  OrderedJson attributes = OrderedJson::array();
  add_buildpack(attributes, buildpack);
  return {{"name", "mesh-buildpack"},
          {"version", attribute_text(buildpack.version)},
          {"attributes", std::move(attributes)},
          {"droppedAttributesCount", 0}};
}

// The fields that differ between spans.
struct Span {
  std::string id;
  std::string parent_id;
  int flags;
  std::string name;
  std::string start;  // unix_nanoseconds
  std::string end;
  OrderedJson attributes;
  OrderedJson events;
  std::optional<Error> error;
};

OrderedJson status(const std::optional<Error>& error) {
  return {{"message", error ? attribute_text(error->message) : ""}, {"code", error ? kStatusError : kStatusUnset}};
}

OrderedJson to_json(const Trace& trace, Span span) {
  return {{"traceId", trace.trace_id},
          {"spanId", std::move(span.id)},
          {"traceState", ""},
          {"parentSpanId", std::move(span.parent_id)},
          {"flags", span.flags},
          {"name", std::move(span.name)},
          {"kind", kInternal},
          {"startTimeUnixNano", std::move(span.start)},
          {"endTimeUnixNano", std::move(span.end)},
          {"attributes", std::move(span.attributes)},
          {"droppedAttributesCount", 0},
          {"events", std::move(span.events)},
          {"droppedEventsCount", 0},
          {"links", OrderedJson::array()},
          {"droppedLinksCount", 0},
          {"status", status(span.error)}};
}

std::string line(const Trace& trace, Span span) {
  OrderedJson spans = OrderedJson::array({to_json(trace, std::move(span))});
  OrderedJson scope_spans = {{"scope", scope(trace.buildpack)}, {"spans", std::move(spans)}, {"schemaUrl", ""}};
  OrderedJson resource_spans = {{"resource", resource(trace.buildpack)},
                                {"scopeSpans", OrderedJson::array({std::move(scope_spans)})},
                                {"schemaUrl", ""}};
  return write_ordered_json(OrderedJson::object({{"resourceSpans", OrderedJson::array({std::move(resource_spans)})}}));
}

// Returns nanoseconds since 1970, an unsigned number in OTLP.
std::string unix_nanoseconds(const Trace& trace, Duration since_start) {
  return fmt::format("{}", std::max<std::int64_t>(0, (trace.start + since_start).count()));
}

// Returns an id derived from unique values, so that a line that is written twice has the same id.
std::string phase_span_id(const Trace& trace, std::size_t index) {
  const std::string seed = fmt::format("{}-{}-{}", trace.trace_id, trace.root_span_id, index);
  Sha256Stream stream;
  stream.add(std::as_bytes(std::span(seed)));
  return stream.finish().hex().substr(0, kSpanIdDigits);
}

// Returns the catalogue's headline and the detail.
std::string error_message(std::string_view id, const std::string& detail) {
  for (const FailureEntry& row : failure_catalogue()) {
    if (row.id != id) continue;
    if (detail.empty()) return std::string(row.headline);
    return fmt::format("{}: {}", row.headline.substr(0, row.headline.rfind('.')), detail);
  }
  return detail;
}

std::optional<Error> error_of(const PhaseRun& run) {
  if (!run.failure) return std::nullopt;
  return Error{run.failure->reason, error_message(run.failure->reason, run.failure->detail)};
}

std::optional<Error> error_of(const BuildRecord& record) {
  if (record.status == BuildStatus::success || record.status == BuildStatus::declined) return std::nullopt;
  if (record.failure) return Error{record.failure->reason, error_message(record.failure->reason, record.failure->detail)};
  const FailureEntry& row = entry(Reason::build_interrupted);
  return Error{std::string(row.id), error_message(row.id, "")};
}

OrderedJson event(std::string name, const std::string& unix_time, OrderedJson attributes) {
  return {{"timeUnixNano", unix_time},
          {"name", std::move(name)},
          {"attributes", std::move(attributes)},
          {"droppedAttributesCount", 0}};
}

// OpenTelemetry's semantic conventions for exceptions on spans.
OrderedJson exception(const Error& error, const std::string& unix_time) {
  OrderedJson attributes = OrderedJson::array();
  add(attributes, "exception.type", error.id);
  add(attributes, "exception.message", error.message);
  return event("exception", unix_time, std::move(attributes));
}

void add_error(OrderedJson& attributes, const std::optional<Error>& error) {
  if (!error) return;
  add(attributes, "error.type", error->id);
  add(attributes, "cnb.service_mesh.error.id", error->id);
  add(attributes, "cnb.service_mesh.error.message", error->message);
}

// libcnb's word for how it went.
std::string outcome(const Trace& trace, BuildStatus status) {
  const std::string root = fmt::format("libcnb-{}", name(trace.phase));
  if (status == BuildStatus::success) return root + (trace.phase == TracedPhase::detect ? "-passed" : "-success");
  return root + (status == BuildStatus::declined ? "-failed" : "-error");
}

// libcnb's event comes first: readers look for it there.
OrderedJson root_events(const Trace& trace, const BuildRecord& record, const std::optional<Error>& error,
                        const std::string& unix_time) {
  OrderedJson attributes = OrderedJson::array();
  add(attributes, "level", std::string(error ? "ERROR" : "INFO"));
  add(attributes, "target", std::string("mesh-buildpack"));
  if (error) add(attributes, "error", error->message);
  OrderedJson events = OrderedJson::array();
  events.push_back(event(outcome(trace, record.status), unix_time, std::move(attributes)));
  if (error) events.push_back(exception(*error, unix_time));
  return events;
}

int flags(const Trace& trace) { return kKnowsWhetherParentIsRemote | (trace.sampled ? kSampled : 0); }

int root_flags(const Trace& trace) { return flags(trace) | (trace.parent_span_id.empty() ? 0 : kParentIsRemote); }

}  // namespace

std::string_view name(TracedPhase phase) { return phase == TracedPhase::detect ? "detect" : "build"; }

std::string phase_line(const Trace& trace, const BuildRecord& record, std::size_t index) {
  const PhaseRun& run = record.phases[index];
  const std::string end = unix_nanoseconds(trace, run.begin + run.duration.value_or(Duration{}));
  const std::optional<Error> error = error_of(run);
  OrderedJson attributes = OrderedJson::array();
  add_error(attributes, error);
  OrderedJson events = OrderedJson::array();
  if (error) events.push_back(exception(*error, end));
  return line(trace, {.id = phase_span_id(trace, index),
                      .parent_id = trace.root_span_id,
                      .flags = flags(trace),
                      .name = fmt::format("service-mesh.{}", name(run.step)),
                      .start = unix_nanoseconds(trace, run.begin),
                      .end = end,
                      .attributes = std::move(attributes),
                      .events = std::move(events),
                      .error = error});
}

std::string root_line(const Trace& trace, const BuildRecord& record) {
  const std::string end = unix_nanoseconds(trace, record.total.value_or(Duration{}));
  const std::optional<Error> error = error_of(record);
  OrderedJson attributes = OrderedJson::array();
  add(attributes, "failed", record.status != BuildStatus::success);
  for (const auto& [key, value] : project(record)) add(attributes, "cnb.service_mesh." + key, value);
  add_error(attributes, error);
  return line(trace, {.id = trace.root_span_id,
                      .parent_id = trace.parent_span_id,
                      .flags = root_flags(trace),
                      .name = fmt::format("libcnb-{}", name(trace.phase)),
                      .start = unix_nanoseconds(trace, Duration{}),
                      .end = end,
                      .attributes = std::move(attributes),
                      .events = root_events(trace, record, error, end),
                      .error = error});
}

}  // namespace mesh::buildpack
