// Checks the trace with real files, clock and random numbers: the lines of a killed process, and times and uniqueness of
// ids.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <set>

#include "buildpack/cnb/trace_journal.h"
#include "buildpack/record/record.h"
#include "common/text.h"
#include "platform/disk_files.h"
#include "platform/stop_signal.h"
#include "platform/system_clock.h"
#include "platform/system_entropy.h"
#include "support/cpp/otlp_spans.h"
#include "support/cpp/scratch_directory.h"

namespace mesh::buildpack::cnb {
namespace {

Result<void> nothing() { return {}; }

Result<void> die() {
  ::raise(SIGKILL);
  return {};
}

class TraceOnDiskTest : public testing::Test {
 protected:
  // Runs a build of two steps, the second with this work.
  void build(Result<void> (*second_step)()) {
    TraceJournal journal(directory_, TracedPhase::build, {"acme/mesh", "", "", ""}, std::nullopt, files_, entropy_);
    Record record(journal, clock_, [] { return false; });
    static_cast<void>(record.phase(Step::resolve, nothing));
    static_cast<void>(record.phase(Step::download, second_step));
    record.finish();
  }

  // Runs the build in another process. Returns its status from waitpid.
  int build_elsewhere(Result<void> (*second_step)()) {
    const pid_t child = ::fork();
    if (child == 0) {
      build(second_step);
      ::_exit(0);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return status;
  }

  std::vector<OrderedJson> spans() {
    const std::string content = *files_.read(trace_file(directory_, "acme/mesh", TracedPhase::build), 1'000'000);
    EXPECT_TRUE(content.ends_with('\n'));
    std::vector<OrderedJson> spans;
    for (const std::string_view line : text::split(text::trim(content), '\n')) spans.push_back(span_in(line));
    return spans;
  }

  ScratchDirectory scratch_;
  Path directory_ = scratch_.path() / "libcnb-telemetry";
  DiskFiles files_;
  StopSignal stop_;
  SystemClock clock_{stop_};
  SystemEntropy entropy_;
};

TEST_F(TraceOnDiskTest, ContainsFinishedStepsWhenTheBuildIsKilled) {
  const int status = build_elsewhere(die);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  const auto killed = spans();
  ASSERT_EQ(killed.size(), 1u);
  EXPECT_EQ(killed[0].at("name"), "service-mesh.resolve");

  EXPECT_EQ(build_elsewhere(nothing), 0);
  EXPECT_EQ(spans().size(), 4u);
}

TEST_F(TraceOnDiskTest, GeneratesUniqueIdsForEachBuild) {
  for (int i = 0; i < 5; ++i) build(nothing);
  std::set<std::string> traces;
  std::set<std::string> ids;
  for (const OrderedJson& span : spans()) {
    traces.insert(span.at("traceId"));
    ids.insert(span.at("spanId"));
  }
  EXPECT_EQ(traces.size(), 5u);
  EXPECT_EQ(ids.size(), 15u);
}

TEST_F(TraceOnDiskTest, UsesWallClockTime) {
  const auto now = [] { return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count(); };
  const std::int64_t before = now();
  build(nothing);
  const std::int64_t start = std::stoll(spans().back().at("startTimeUnixNano").get<std::string>());
  EXPECT_GE(start, before);
  EXPECT_LE(start, now());
}

}  // namespace
}  // namespace mesh::buildpack::cnb
