// Compares complete traces of the journal with test/golden/otlp/, which test_otlp.py passes to third-party readers. After an
// intended change, run with MESH_UPDATE_GOLDEN=1 in the environment and review the diff.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "buildpack/cnb/trace_journal.h"
#include "buildpack/record/record.h"
#include "support/cpp/counting_entropy.h"
#include "support/cpp/manual_clock.h"
#include "support/cpp/memory_files.h"

namespace mesh::buildpack::cnb {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

const fs::path kGolden = fs::path(MESH_TEST_GOLDEN) / "otlp";

// A build or a detection with invented data.
class Story {
 public:
  explicit Story(TracedPhase phase, const std::optional<Traceparent>& context = {})
      : file_(trace_file("/traces", kIdentity.id, phase)),
        journal_("/traces", phase, kIdentity, context, files_, entropy_),
        record_(journal_, clock_, [] { return false; }) {}

  void state(const std::function<void(Record&)>& facts) { facts(record_); }

  // Advances the clock.
  void step(Step step, const Result<void>& result = {}) {
    clock_.advance(1ms);
    static_cast<void>(record_.phase(step, [&] {
      clock_.advance(1234567ns);
      return result;
    }));
  }

  std::string ended() {
    record_.finish();
    return killed();
  }

  std::string failed(const Failure& failure) {
    record_.fail(failure);
    return ended();
  }

  std::string declined() {
    record_.decline();
    return ended();
  }

  std::string killed() { return files_.content(file_); }

 private:
  inline static const BuildpackIdentity kIdentity = {"acme/service-mesh", "Service Mesh", "1.2.3",
                                                     "https://example.com/mesh"};

  MemoryFiles files_;
  ManualClock clock_;
  CountingEntropy entropy_;
  Path file_;
  TraceJournal journal_;
  Record record_;
};

const Failure kMismatch = {Reason::verify_digest_mismatch, "expected 4f2a, got 91bc"};

void state_download(Record& record) {
  record.state(fact::kArch, "amd64");
  record.state(fact::kBuildpackVersion, "1.2.3");
  record.state(fact::kCacheStatus, "miss");
  record.state(fact::kDownloadAttempts, 2);
  record.state(fact::kDownloadBytes, 9'007'199'254'740'993);
  record.state(fact::kDownloadHost, "example.com");
  record.state(fact::kMeshVersion, "v0.1.2");
  record.state(fact::kMeshVersionPinned, false);
}

std::string success() {
  Story story(TracedPhase::build);
  story.step(Step::settings);
  story.step(Step::resolve);
  story.step(Step::download);
  story.state(state_download);
  return story.ended();
}

std::string child_of_the_platform() {
  Story story(TracedPhase::build, Traceparent{"0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", true});
  story.step(Step::settings);
  return story.ended();
}

std::string failure() {
  Story story(TracedPhase::build);
  story.step(Step::download);
  story.state(state_download);
  story.step(Step::verify, kMismatch);
  return story.failed(kMismatch);
}

std::string overcome() {
  Story story(TracedPhase::build);
  story.step(Step::resolve, Failure{Reason::network_dns, "example.com"});
  story.step(Step::cache);
  story.state([](Record& record) { record.state(fact::kCacheStatus, "stale"); });
  return story.ended();
}

std::string interrupted() {
  Story story(TracedPhase::build);
  story.step(Step::resolve);
  story.step(Step::download, Failure{Reason::build_interrupted, ""});
  return story.failed({Reason::build_interrupted, ""});
}

std::string killed() {
  Story story(TracedPhase::build);
  story.step(Step::settings);
  story.step(Step::resolve);
  return story.killed();
}

std::string detect_passed() { return Story(TracedPhase::detect).ended(); }
std::string detect_failed() { return Story(TracedPhase::detect).declined(); }
std::string detect_error() { return Story(TracedPhase::detect).failed({Reason::platform_build_directory, "/app"}); }

// Strings that break the line if they are not escaped, or that readers reject.
std::string nasty() {
  Story story(TracedPhase::build);
  story.state([](Record& record) {
    std::string controls;
    for (char c = 0; c < 0x20; ++c) controls += c;
    record.state(fact::kArch, controls);
    record.state(fact::kStack, "\x7F\u0085\u2028\u2029\uFEFF\uFFFE\U0001F600 \"\\/ </script>");
    record.state(fact::kCacheStatus, "\xFF\xC0\xAF\xED\xA0\x80\xF4\x90\x80\x80 a\xE2\x82");
    record.state(fact::kGeneration, "");
    record.state(fact::kMeshVersion, std::string(5000, 'v'));
    record.state(fact::kDownloadBytes, std::numeric_limits<std::int64_t>::min());
    record.state(fact::kMeshBytes, std::numeric_limits<std::int64_t>::max());
  });
  return story.failed({Reason::install_io_error, "a\nb\"\\\x01\xFF"});
}

struct Sample {
  const char* name;
  std::string (*lines)();
};

void PrintTo(const Sample& sample, std::ostream* out) { *out << sample.name; }  // NOLINT(readability-identifier-naming)

const Sample kSamples[] = {{"success", success},
                           {"child_of_the_platform", child_of_the_platform},
                           {"failure", failure},
                           {"overcome", overcome},
                           {"interrupted", interrupted},
                           {"killed", killed},
                           {"detect_passed", detect_passed},
                           {"detect_failed", detect_failed},
                           {"detect_error", detect_error},
                           {"nasty", nasty}};

class OtlpLines : public testing::TestWithParam<Sample> {};

std::string test_name(const testing::TestParamInfo<Sample>& tested) { return tested.param.name; }

INSTANTIATE_TEST_SUITE_P(Samples, OtlpLines, testing::ValuesIn(kSamples), test_name);

std::string file_content(const fs::path& path) {
  const std::ifstream stream(path, std::ios::binary);
  std::ostringstream content;
  content << stream.rdbuf();
  return content.str();
}

TEST_P(OtlpLines, MatchGoldenFiles) {
  const fs::path golden = kGolden / (std::string(GetParam().name) + ".jsonl");
  const std::string lines = GetParam().lines();
  if (std::getenv("MESH_UPDATE_GOLDEN") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
    std::ofstream(golden, std::ios::binary) << lines;
  }
  EXPECT_EQ(lines, file_content(golden));
}

TEST(OtlpLines, HaveNoSurplusGoldenFile) {
  std::set<std::string> expected;
  for (const Sample& sample : kSamples) expected.insert(std::string(sample.name) + ".jsonl");
  std::set<std::string> there;
  for (const auto& entry : fs::directory_iterator(kGolden)) {
    if (entry.is_regular_file()) there.insert(entry.path().filename());
  }
  EXPECT_EQ(there, expected);
}

}  // namespace
}  // namespace mesh::buildpack::cnb
