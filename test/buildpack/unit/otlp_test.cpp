#include "buildpack/report/otlp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "buildpack/report/projection.h"
#include "common/json.h"
#include "schema/fact.h"
#include "schema/failure.h"
#include "support/cpp/otlp_spans.h"

namespace mesh::buildpack {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

Trace a_trace() {
  return {.trace_id = "5b8efff798038103d269b633813fc60c",
          .root_span_id = "eee19b7ec3c1b174",
          .start = 1'760'000'000s,
          .buildpack = {"acme/service-mesh", "Service Mesh", "1.2.3", "https://example.com"}};
}

BuildRecord a_record() { return {.status = BuildStatus::success, .step = Step::done, .total = 2s}; }

BuildRecord a_failure() {
  return {
      .status = BuildStatus::failure,
      .step = Step::verify,
      .phases = {{Step::download, 0s, 1s}, {Step::verify, 1s, 1ms, PhaseFailure{"verify::digest-mismatch", "expected a"}}},
      .total = 1500ms,
      .failure = RecordedFailure{"verify::digest-mismatch", "upstream", "expected a", Step::verify}};
}

OrderedJson root(const BuildRecord& record, const Trace& trace = a_trace()) { return span_in(root_line(trace, record)); }
OrderedJson phase(const BuildRecord& record, std::size_t index) { return span_in(phase_line(a_trace(), record, index)); }

TEST(OtlpLine, IsOneLineOfJson) {
  EXPECT_EQ(root_line(a_trace(), a_record()).find('\n'), std::string::npos);
  EXPECT_TRUE(parse_json(root_line(a_trace(), a_record())));
}

TEST(OtlpLine, HasTheBuildpackAsResourceAndScope) {
  const auto json = OrderedJson::parse(root_line(a_trace(), a_record()));
  const auto& resource = json["resourceSpans"][0]["resource"];
  EXPECT_THAT(attribute_keys(resource),
              ElementsAre("telemetry.sdk.name", "telemetry.sdk.language", "telemetry.sdk.version", "service.name",
                          "service.version", "buildpack_id", "buildpack_name", "buildpack_version", "buildpack_homepage"));
  EXPECT_EQ(attribute(resource, "service.name"), R"({"stringValue":"acme/service-mesh"})");
  EXPECT_EQ(attribute(resource, "service.version"), R"({"stringValue":"1.2.3"})");
  const auto& scope = json["resourceSpans"][0]["scopeSpans"][0]["scope"];
  EXPECT_EQ(scope["name"], "mesh-buildpack");
  EXPECT_EQ(scope["version"], "1.2.3");
  EXPECT_THAT(attribute_keys(scope),
              ElementsAre("buildpack_id", "buildpack_name", "buildpack_version", "buildpack_homepage"));
}

TEST(OtlpLine, HasTheFieldsOfASpanInTheirOrder) {
  std::vector<std::string> fields;
  const OrderedJson span = root(a_record());
  for (const auto& [key, value] : span.items()) fields.push_back(key);
  EXPECT_THAT(fields, ElementsAre("traceId", "spanId", "traceState", "parentSpanId", "flags", "name", "kind",
                                  "startTimeUnixNano", "endTimeUnixNano", "attributes", "droppedAttributesCount", "events",
                                  "droppedEventsCount", "links", "droppedLinksCount", "status"));
}

TEST(OtlpRoot, CoversTheWholeBuild) {
  const auto span = root(a_record());
  EXPECT_EQ(span["traceId"], "5b8efff798038103d269b633813fc60c");
  EXPECT_EQ(span["spanId"], "eee19b7ec3c1b174");
  EXPECT_EQ(span["parentSpanId"], "");
  EXPECT_EQ(span["flags"], 257);
  EXPECT_EQ(span["name"], "libcnb-build");
  EXPECT_EQ(span["kind"], 1);
  EXPECT_EQ(span["startTimeUnixNano"], "1760000000000000000");
  EXPECT_EQ(span["endTimeUnixNano"], "1760000002000000000");
}

TEST(OtlpRoot, HasThePlatformsSpanAsParent) {
  Trace trace = a_trace();
  trace.parent_span_id = "00f067aa0ba902b7";
  EXPECT_EQ(root(a_record(), trace)["parentSpanId"], "00f067aa0ba902b7");
  EXPECT_EQ(root(a_record(), trace)["flags"], 0x301);
  trace.sampled = false;
  EXPECT_EQ(root(a_record(), trace)["flags"], 0x300);
}

TEST(OtlpRoot, HasSuccessStatusAndEvent) {
  const auto span = root(a_record());
  EXPECT_EQ(attribute(span, "failed"), R"({"boolValue":false})");
  EXPECT_EQ(span["status"].dump(), R"({"message":"","code":0})");
  EXPECT_THAT(event_names(span), ElementsAre("libcnb-build-success"));
  EXPECT_EQ(span["events"][0]["timeUnixNano"], "1760000002000000000");
  EXPECT_EQ(attribute(span["events"][0], "level"), R"({"stringValue":"INFO"})");
  for (const std::string& key : attribute_keys(span)) EXPECT_EQ(key.find("error"), std::string::npos) << key;
}

TEST(OtlpRoot, HasFailureStatusAndAttributes) {
  const auto span = root(a_failure());
  EXPECT_EQ(attribute(span, "failed"), R"({"boolValue":true})");
  EXPECT_EQ(attribute(span, "error.type"), R"({"stringValue":"verify::digest-mismatch"})");
  EXPECT_EQ(attribute(span, "cnb.service_mesh.error.id"), R"({"stringValue":"verify::digest-mismatch"})");
  EXPECT_EQ(span["status"]["code"], 2);
  const std::string told = span["status"]["message"];
  EXPECT_THAT(told, testing::EndsWith(": expected a"));
  EXPECT_EQ(text_attribute(span, "cnb.service_mesh.error.message"), told);
  EXPECT_THAT(event_names(span), ElementsAre("libcnb-build-error", "exception"));
  EXPECT_EQ(text_attribute(span["events"][0], "level"), "ERROR");
  EXPECT_EQ(text_attribute(span["events"][0], "error"), told);
  EXPECT_EQ(text_attribute(span["events"][1], "exception.type"), "verify::digest-mismatch");
  EXPECT_EQ(text_attribute(span["events"][1], "exception.message"), told);
}

TEST(OtlpRoot, UsesTheHeadlineWhenTheFailureHasNoDetail) {
  BuildRecord record = a_failure();
  record.failure->detail = "";
  const std::string told = root(record)["status"]["message"];
  EXPECT_EQ(told, entry(Reason::verify_digest_mismatch).headline);
}

TEST(OtlpRoot, UsesTheDetailWhenTheReasonIsUnknown) {
  BuildRecord record = a_failure();
  record.failure->reason = "later::reason";
  EXPECT_EQ(root(record)["status"]["message"], "expected a");
  EXPECT_EQ(text_attribute(root(record), "error.type"), "later::reason");
}

TEST(OtlpRoot, MarksAnInterruptedBuildAsFailed) {
  for (const BuildStatus status : {BuildStatus::interrupted, BuildStatus::running}) {
    const auto span = root({.status = status, .step = Step::download, .total = 1s});
    EXPECT_EQ(attribute(span, "failed"), R"({"boolValue":true})");
    EXPECT_EQ(text_attribute(span, "cnb.service_mesh.build_status"), "interrupted");
    EXPECT_EQ(text_attribute(span, "cnb.service_mesh.build_step"), "download");
    EXPECT_EQ(text_attribute(span, "error.type"), "build::interrupted");
    EXPECT_EQ(span["status"]["code"], 2);
    EXPECT_THAT(event_names(span), ElementsAre("libcnb-build-error", "exception"));
  }
}

TEST(OtlpRoot, HasDetectNameAndEvents) {
  Trace trace = a_trace();
  trace.phase = TracedPhase::detect;
  EXPECT_EQ(root(a_record(), trace)["name"], "libcnb-detect");
  EXPECT_THAT(event_names(root(a_record(), trace)), ElementsAre("libcnb-detect-passed"));
  EXPECT_THAT(event_names(root(a_failure(), trace)), ElementsAre("libcnb-detect-error", "exception"));
  const auto declined = root({.status = BuildStatus::declined, .total = 1s}, trace);
  EXPECT_THAT(event_names(declined), ElementsAre("libcnb-detect-failed"));
  EXPECT_EQ(text_attribute(declined["events"][0], "level"), "INFO");
  EXPECT_EQ(attribute(declined, "failed"), R"({"boolValue":true})");
  EXPECT_EQ(declined["status"]["code"], 0);
}

TEST(OtlpRoot, WritesEachFactWithItsType) {
  BuildRecord record = a_record();
  record.facts = {{"stack", std::string("heroku-26")},
                  {"download_bytes", std::numeric_limits<std::int64_t>::max()},
                  {"service_mesh_version_pinned", true}};
  record.phases = {{Step::download, 0s, 250ms}};
  const auto span = root(record);
  EXPECT_EQ(attribute(span, "cnb.service_mesh.stack"), R"({"stringValue":"heroku-26"})");
  EXPECT_EQ(attribute(span, "cnb.service_mesh.download_bytes"), R"({"intValue":"9223372036854775807"})");
  EXPECT_EQ(attribute(span, "cnb.service_mesh.service_mesh_version_pinned"), R"({"boolValue":true})");
  EXPECT_EQ(attribute(span, "cnb.service_mesh.download_duration"), R"({"doubleValue":0.25})");
  EXPECT_EQ(attribute(span, "cnb.service_mesh.total_duration"), R"({"doubleValue":2.0})");
}

TEST(OtlpRoot, ContainsEveryReportKeyOnce) {
  BuildRecord record = a_failure();
  record.facts = {{"arch", std::string("arm64")}, {"download_attempts", std::int64_t{3}}};
  const auto keys = attribute_keys(root(record));
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), keys.size());
  for (const auto& [key, value] : project(record)) EXPECT_THAT(keys, testing::Contains("cnb.service_mesh." + key));
}

TEST(OtlpRoot, OmitsEmptyKeysAndNonFiniteNumbers) {
  BuildRecord record = a_record();
  for (const double number : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    record.facts = {{"stack", number}};
    const auto keys = attribute_keys(root(record));
    EXPECT_THAT(keys, testing::Not(testing::Contains("cnb.service_mesh.stack")));
  }
}

TEST(OtlpRoot, ReplacesInvalidUtf8) {
  BuildRecord record = a_record();
  record.facts = {{"stack", std::string("heroku\xFF\xC0\xAF-24")}};
  EXPECT_EQ(text_attribute(root(record), "cnb.service_mesh.stack"), "heroku\uFFFD\uFFFD\uFFFD-24");
}

TEST(OtlpRoot, EscapesControlCharacters) {
  BuildRecord record = a_record();
  std::string controls;
  for (char c = 0; c < 0x20; ++c) controls += c;
  record.facts = {{"stack", controls + "\"\\"}};
  const std::string line = root_line(a_trace(), record);
  for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
  EXPECT_EQ(text_attribute(span_in(line), "cnb.service_mesh.stack"), controls + "\"\\");
}

// Every text is as long as possible and consists of characters that need escapes.
TEST(OtlpRoot, StaysBelowTheLineLimit) {
  const std::string long_text(20'000, '\x01');
  BuildRecord record = a_failure();
  for (const FactRow& row : kFactRows) record.facts[std::string(row.key)] = long_text;
  record.failure = RecordedFailure{long_text, long_text, long_text, Step::place};
  Trace trace = a_trace();
  trace.buildpack = {long_text, long_text, long_text, long_text};
  const std::string line = root_line(trace, record);
  EXPECT_LT(line.size(), std::size_t{512} * 1024);
  EXPECT_EQ(text_attribute(span_in(line), "cnb.service_mesh.stack"), long_text.substr(0, 1000));
  record.phases.back().failure = PhaseFailure{long_text, long_text};
  EXPECT_LT(phase_line(trace, record, 1).size(), std::size_t{512} * 1024);
}

TEST(OtlpPhase, IsAChildOfTheRoot) {
  const auto span = phase(a_failure(), 0);
  EXPECT_EQ(span["traceId"], "5b8efff798038103d269b633813fc60c");
  EXPECT_EQ(span["parentSpanId"], "eee19b7ec3c1b174");
  EXPECT_EQ(span["flags"], 257);
  EXPECT_EQ(span["name"], "service-mesh.download");
  EXPECT_EQ(span["startTimeUnixNano"], "1760000000000000000");
  EXPECT_EQ(span["endTimeUnixNano"], "1760000001000000000");
  EXPECT_EQ(span["status"].dump(), R"({"message":"","code":0})");
  EXPECT_TRUE(span["attributes"].empty());
  EXPECT_TRUE(span["events"].empty());
}

TEST(OtlpPhase, HasNoRemoteParentWhenTheRootHasOne) {
  Trace trace = a_trace();
  trace.parent_span_id = "00f067aa0ba902b7";
  trace.sampled = false;
  EXPECT_EQ(span_in(phase_line(trace, a_failure(), 0))["flags"], 0x100);
}

TEST(OtlpPhase, HasAUniqueId) {
  std::set<std::string> ids = {"eee19b7ec3c1b174"};
  BuildRecord record;
  for (std::size_t i = 0; i < 20; ++i) {
    record.phases.push_back({Step::resolve, 0s, 1s});
    const std::string id = phase(record, i)["spanId"];
    EXPECT_EQ(id.size(), 16u);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_TRUE(ids.insert(id).second);
    EXPECT_EQ(phase(record, i)["spanId"], id);
  }
  Trace other = a_trace();
  other.root_span_id = "eee19b7ec3c1b175";
  EXPECT_FALSE(ids.contains(span_in(phase_line(other, record, 0))["spanId"]));
}

TEST(OtlpPhase, HasFailureStatusAndAttributes) {
  const auto span = phase(a_failure(), 1);
  EXPECT_EQ(span["name"], "service-mesh.verify");
  EXPECT_EQ(text_attribute(span, "error.type"), "verify::digest-mismatch");
  EXPECT_EQ(text_attribute(span, "cnb.service_mesh.error.id"), "verify::digest-mismatch");
  EXPECT_EQ(span["status"]["code"], 2);
  EXPECT_EQ(span["status"]["message"], root(a_failure())["status"]["message"]);
  EXPECT_THAT(event_names(span), ElementsAre("exception"));
  EXPECT_EQ(span["events"][0]["timeUnixNano"], span["endTimeUnixNano"]);
}

TEST(OtlpPhase, HasFailureStatusWhenTheBuildSucceeded) {
  BuildRecord record = a_record();
  record.phases = {{Step::resolve, 0s, 1s, PhaseFailure{"network::dns", "host"}}};
  EXPECT_EQ(phase(record, 0)["status"]["code"], 2);
  EXPECT_EQ(root(record)["status"]["code"], 0);
}

TEST(OtlpTimes, AreNeverNegative) {
  Trace trace = a_trace();
  trace.start = -5s;
  EXPECT_EQ(root(a_record(), trace)["startTimeUnixNano"], "0");
  EXPECT_EQ(root(a_record(), trace)["endTimeUnixNano"], "0");
}

}  // namespace
}  // namespace mesh::buildpack
