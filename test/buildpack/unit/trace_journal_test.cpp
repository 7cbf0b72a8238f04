#include "buildpack/cnb/trace_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "buildpack/record/record.h"
#include "common/text.h"
#include "support/cpp/counting_entropy.h"
#include "support/cpp/manual_clock.h"
#include "support/cpp/memory_files.h"
#include "support/cpp/otlp_spans.h"

namespace mesh::buildpack::cnb {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const Path kFile = "/tmp/libcnb-telemetry/acme_service_mesh-build.jsonl";

class TraceJournalTest : public testing::Test {
 protected:
  TraceJournalTest() { files_.put_directory("/tmp"); }

  TraceJournal journal(const std::optional<Traceparent>& context = {}, TracedPhase phase = TracedPhase::build) {
    return {kTraceDirectory, phase, {"acme/service-mesh", "Service Mesh", "1.2.3", ""}, context, files_, entropy_};
  }

  // Runs a step that takes a second.
  void work(Record& record, Step step, const Result<void>& result = {}) {
    static_cast<void>(record.phase(step, [&] {
      clock_.advance(1s);
      return result;
    }));
  }

  // Runs a build with two steps.
  void build(TraceJournal journal) {
    Record record(journal, clock_, [] { return false; });
    work(record, Step::resolve);
    work(record, Step::download);
    record.finish();
  }

  std::vector<std::string> lines() {
    const std::string content = files_.content(kFile);
    std::vector<std::string> lines;
    for (const std::string_view line : text::split(text::trim(content), '\n')) lines.emplace_back(line);
    return lines;
  }

  std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const std::string& line : lines()) names.push_back(span_in(line).at("name"));
    return names;
  }

  MemoryFiles files_;
  ManualClock clock_;
  CountingEntropy entropy_;
};

TEST_F(TraceJournalTest, WritesEachStepSpanAtItsEndAndTheRootSpanLast) {
  TraceJournal journal = this->journal();
  Record record(journal, clock_, [] { return false; });
  EXPECT_THAT(files_.paths(), IsEmpty());
  static_cast<void>(record.phase(Step::resolve, [&]() -> Result<void> {
    EXPECT_THAT(files_.paths(), IsEmpty());
    return {};
  }));
  EXPECT_THAT(names(), ElementsAre("service-mesh.resolve"));
  work(record, Step::download);
  EXPECT_THAT(names(), ElementsAre("service-mesh.resolve", "service-mesh.download"));
  record.finish();
  EXPECT_THAT(names(), ElementsAre("service-mesh.resolve", "service-mesh.download", "libcnb-build"));
}

TEST_F(TraceJournalTest, EndsEveryLineWithANewline) {
  build(journal());
  const std::string content = files_.content(kFile);
  EXPECT_EQ(content.back(), '\n');
  EXPECT_EQ(std::ranges::count(content, '\n'), 3);
}

TEST_F(TraceJournalTest, KeepsTheStepsOfAKilledBuild) {
  {
    TraceJournal killed = journal();
    Record record(killed, clock_, [] { return false; });
    work(record, Step::resolve);
    static_cast<void>(record.phase(Step::download, [&]() -> Result<void> {
      EXPECT_THAT(names(), ElementsAre("service-mesh.resolve"));
      return {};
    }));
  }
  EXPECT_THAT(names(), ElementsAre("service-mesh.resolve", "service-mesh.download"));
}

TEST_F(TraceJournalTest, MarksAFailedStepAsFailed) {
  TraceJournal journal = this->journal();
  Record record(journal, clock_, [] { return false; });
  work(record, Step::resolve, Failure{Reason::network_dns, "host"});
  EXPECT_EQ(text_attribute(span_in(lines().at(0)), "error.type"), "network::dns");
  record.fail({Reason::network_dns, "host"});
  record.finish();
  EXPECT_EQ(attribute(span_in(lines().at(1)), "failed"), R"({"boolValue":true})");
  EXPECT_EQ(text_attribute(span_in(lines().at(1)), "error.type"), "network::dns");
}

TEST_F(TraceJournalTest, WritesAllSpansInOneNewTrace) {
  build(journal());
  build(journal());
  const auto all = lines();
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(span_in(all.at(i)).at("traceId"), "0102030405060708090a0b0c0d0e0f10");
    EXPECT_NE(span_in(all.at(3 + i)).at("traceId"), "0102030405060708090a0b0c0d0e0f10");
  }
  EXPECT_EQ(span_in(all.at(0)).at("parentSpanId"), "1112131415161718");
  EXPECT_EQ(span_in(all.at(2)).at("spanId"), "1112131415161718");
  EXPECT_EQ(span_in(all.at(2)).at("parentSpanId"), "");
  EXPECT_EQ(span_in(all.at(2)).at("flags"), 257);
}

TEST_F(TraceJournalTest, GeneratesNoIdOfOnlyZeros) {
  entropy_.give_zeros(3);
  build(journal());
  EXPECT_EQ(span_in(lines().at(2)).at("traceId"), "0102030405060708090a0b0c0d0e0f10");
}

TEST_F(TraceJournalTest, ContinuesThePlatformsTrace) {
  build(journal(Traceparent{"0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", false}));
  const auto step = span_in(lines().at(0));
  const auto root = span_in(lines().at(2));
  EXPECT_EQ(step.at("traceId"), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(root.at("traceId"), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(root.at("parentSpanId"), "b7ad6b7169203331");
  EXPECT_EQ(root.at("spanId"), "0102030405060708");
  EXPECT_EQ(step.at("parentSpanId"), "0102030405060708");
  EXPECT_EQ(root.at("flags"), 0x300);
}

TEST_F(TraceJournalTest, HasTheStartTimeOfTheBuild) {
  TraceJournal journal = this->journal();
  clock_.advance(5s);
  Record record(journal, clock_, [] { return false; });
  work(record, Step::resolve);
  record.finish();
  EXPECT_EQ(span_in(lines().at(0)).at("startTimeUnixNano"), "1760000005000000000");
  EXPECT_EQ(span_in(lines().at(1)).at("endTimeUnixNano"), "1760000006000000000");
}

TEST_F(TraceJournalTest, NamesItsFileAfterTheBuildpack) {
  EXPECT_EQ(trace_file("/d", "a/b.c-d_e", TracedPhase::build), Path("/d/a_b_c_d_e-build.jsonl"));
  EXPECT_EQ(trace_file("/d", "acme", TracedPhase::detect), Path("/d/acme-detect.jsonl"));
  build(journal({}, TracedPhase::detect));
  EXPECT_THAT(files_.paths(), ElementsAre("/tmp/libcnb-telemetry/acme_service_mesh-detect.jsonl"));
}

TEST_F(TraceJournalTest, AppendsToAnExistingFile) {
  files_.put_file(kFile, "{\"resourceSpans\":[]}\n{\"resourceSp");
  build(journal());
  EXPECT_THAT(files_.content(kFile), testing::StartsWith("{\"resourceSpans\":[]}\n{\"resourceSp\n{\"resourceSpans\":[{"));
}

TEST_F(TraceJournalTest, SurvivesRemovalOfItsDirectory) {
  TraceJournal journal = this->journal();
  Record record(journal, clock_, [] { return false; });
  work(record, Step::resolve);
  ASSERT_TRUE(files_.remove(kTraceDirectory));
  work(record, Step::download);
  EXPECT_THAT(names(), ElementsAre("service-mesh.download"));
}

TEST_F(TraceJournalTest, NeverFailsABuildOnAFullDisk) {
  files_.fail("append_line", ".jsonl", ErrorKind::no_space, 100);
  build(journal());
  EXPECT_THAT(files_.paths(), IsEmpty());
}

TEST_F(TraceJournalTest, DoesNotReplaceOtherFileTypes) {
  files_.put_file("/tmp/precious", "untouched");
  files_.put_link(kFile, "/tmp/precious");
  build(journal());
  EXPECT_EQ(files_.content("/tmp/precious"), "untouched");
  ASSERT_TRUE(files_.remove(kFile));
  files_.put_pipe(kFile);
  build(journal());
  EXPECT_EQ(files_.kind(kFile), FileKind::other);
  ASSERT_TRUE(files_.remove(kFile));
  files_.put_directory(kFile);
  build(journal());
  EXPECT_EQ(files_.kind(kFile), FileKind::directory);
}

TEST_F(TraceJournalTest, FollowsNoSymbolicLink) {
  files_.put_directory("/tmp/elsewhere");
  files_.put_link(kTraceDirectory, "/tmp/elsewhere");
  build(journal());
  EXPECT_THAT(files_.paths(), ElementsAre("/tmp/libcnb-telemetry"));
}

}  // namespace
}  // namespace mesh::buildpack::cnb
