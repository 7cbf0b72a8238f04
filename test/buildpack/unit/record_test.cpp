#include "buildpack/record/record.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "buildpack/cedar/record_store.h"
#include "support/cpp/manual_clock.h"
#include "support/cpp/memory_files.h"

namespace mesh::buildpack {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string kCurrent = "/cache/build-data/heroku-integration-service-mesh.json";
const std::string kPrevious = "/cache/build-data/heroku-integration-service-mesh.previous.json";

class RecordTest : public testing::Test {
 protected:
  RecordTest() { files_.put_directory("/app"); }

  // Runs a step that takes a second.
  Result<void> work(Record& record, Step step, Result<void> result = {}) {
    return record.phase(step, [&] {
      clock_.advance(1s);
      return result;
    });
  }

  // Runs a build with one step.
  void build(const std::string& version, const Result<void>& result = {}) {
    Record record(store_, clock_, [] { return false; });
    record.state(fact::kMeshVersion, version);
    if (const auto done = work(record, Step::resolve, result); !done) record.fail(done.failure());
    record.finish();
  }

  std::string previous_version() {
    const auto previous = store_.load_previous();
    return previous ? std::get<std::string>(previous->facts.at("service_mesh_version")) : "(none)";
  }

  BuildRecord on_disk() { return *store_.load(); }

  MemoryFiles files_;
  ManualClock clock_;
  RecordStore store_{files_, "/cache", "/tmp", {.directory = "/app"}};
};

TEST_F(RecordTest, IsOnDiskBeforeEveryStep) {
  Record record(store_, clock_, [] { return false; });
  for (const Step step : {Step::settings, Step::resolve, Step::download}) {
    static_cast<void>(record.phase(step, [&]() -> Result<void> {
      EXPECT_EQ(on_disk().step, step);
      EXPECT_EQ(on_disk().status, BuildStatus::running);
      EXPECT_FALSE(on_disk().phases.back().duration);
      return {};
    }));
  }
}

TEST_F(RecordTest, ContainsTheFactsStatedBeforeAStep) {
  Record record(store_, clock_, [] { return false; });
  record.state(fact::kStack, "heroku-24");
  record.state(fact::kDownloadAttempts, 3);
  record.state(fact::kMeshVersionPinned, true);
  record.state(fact::kStack, "heroku-26");
  static_cast<void>(work(record, Step::resolve));
  EXPECT_EQ(on_disk().facts, (Mapping{{"stack", std::string("heroku-26")},
                                      {"download_attempts", std::int64_t{3}},
                                      {"service_mesh_version_pinned", true}}));
}

TEST_F(RecordTest, TimesEachRunOfAStep) {
  Record record(store_, clock_, [] { return false; });
  clock_.advance(500ms);
  static_cast<void>(work(record, Step::download));
  static_cast<void>(work(record, Step::resolve));
  static_cast<void>(work(record, Step::download));
  EXPECT_EQ(record.time_in(Step::download), 2s);
  EXPECT_EQ(record.time_in(Step::place), 0s);
  EXPECT_EQ(record.elapsed(), 3500ms);
  EXPECT_EQ(record.content().phases.at(0).begin, 500ms);
  EXPECT_EQ(record.content().phases.at(2).begin, 2500ms);
}

TEST_F(RecordTest, ReturnsTheResultOfTheStep) {
  Record record(store_, clock_, [] { return false; });
  const auto number = record.phase(Step::resolve, []() -> Result<int> { return 7; });
  EXPECT_EQ(*number, 7);
}

TEST_F(RecordTest, EndsInSuccess) {
  build("v1");
  EXPECT_EQ(on_disk().status, BuildStatus::success);
  EXPECT_EQ(on_disk().step, Step::done);
  EXPECT_EQ(on_disk().total, 1s);
  EXPECT_FALSE(on_disk().failure);
}

TEST_F(RecordTest, EndsInTheFailureOfAStep) {
  build("v1", Failure{Reason::download_truncated, "half"});
  const BuildRecord record = on_disk();
  EXPECT_EQ(record.status, BuildStatus::failure);
  EXPECT_EQ(record.step, Step::resolve);
  EXPECT_EQ(record.failure->reason, "download::truncated");
  EXPECT_EQ(record.failure->classification, "upstream");
  EXPECT_EQ(record.failure->detail, "half");
  EXPECT_EQ(record.failure->step, Step::resolve);
  EXPECT_EQ(record.total, 1s);
}

TEST_F(RecordTest, KeepsTheFirstFailure) {
  Record record(store_, clock_, [] { return false; });
  record.fail(work(record, Step::resolve, Failure{Reason::network_dns, "first"}).failure());
  record.fail(work(record, Step::download, Failure{Reason::network_reset, "second"}).failure());
  record.finish();
  EXPECT_EQ(on_disk().failure->detail, "first");
  EXPECT_EQ(on_disk().failure->step, Step::resolve);
}

TEST_F(RecordTest, DoesNotTreatAStepFailureAsABuildFailure) {
  Record record(store_, clock_, [] { return false; });
  static_cast<void>(work(record, Step::resolve, Failure{Reason::network_dns, ""}));
  static_cast<void>(work(record, Step::cache));
  record.finish();
  EXPECT_EQ(on_disk().status, BuildStatus::success);
}

TEST_F(RecordTest, NamesTheFailedStepWhenOtherStepsFollow) {
  Record record(store_, clock_, [] { return false; });
  const auto failed = work(record, Step::resolve, Failure{Reason::network_dns, ""});
  static_cast<void>(work(record, Step::cache));
  record.fail(failed.failure());
  record.finish();
  EXPECT_EQ(on_disk().failure->step, Step::resolve);
}

TEST_F(RecordTest, FailHereNamesTheCurrentStepAfterAnEarlierFailure) {
  Record record(store_, clock_, [] { return false; });
  static_cast<void>(work(record, Step::resolve, Failure{Reason::network_dns, ""}));
  static_cast<void>(work(record, Step::cache));
  record.fail_here({Reason::internal_error_unhandled, ""});
  record.finish();
  EXPECT_EQ(on_disk().failure->step, Step::cache);
}

TEST_F(RecordTest, BeginsNoStepWhenTheBuildIsBeingStopped) {
  Record record(store_, clock_, [] { return true; });
  EXPECT_EQ(work(record, Step::resolve).failure().reason, Reason::build_interrupted);
  EXPECT_EQ(clock_.now(), ManualClock().now());
}

TEST_F(RecordTest, KeepsADetailOnOneLine) {
  build("v1", Failure{Reason::install_io_error, "/app/a\nb\x1b[31m: no"});
  EXPECT_EQ(on_disk().failure->detail, "/app/a b [31m: no");
}

TEST_F(RecordTest, ReplacesDirectoriesByNamesInADetail) {
  Record record(store_, clock_, [] { return false; });
  const std::vector<std::pair<Path, std::string>> directories = {{"/tmp/build_1", "BUILD_DIR"}};
  record.use(PathNames(directories));
  record.fail(work(record, Step::place, Failure{Reason::install_io_error, "/tmp/build_1/vendor: gone"}).failure());
  record.finish();
  EXPECT_EQ(on_disk().failure->detail, "BUILD_DIR/vendor: gone");
  EXPECT_EQ(on_disk().phases.at(0).failure->detail, "BUILD_DIR/vendor: gone");
}

TEST_F(RecordTest, ReportsAStoppedBuildAsInterrupted) {
  build("v1", Failure{Reason::build_interrupted, ""});
  EXPECT_EQ(on_disk().status, BuildStatus::interrupted);
  EXPECT_EQ(on_disk().step, Step::resolve);
  EXPECT_FALSE(on_disk().failure);
  EXPECT_TRUE(on_disk().total);
}

TEST_F(RecordTest, StaysInterruptedAfterLaterFailures) {
  Record record(store_, clock_, [] { return false; });
  record.fail(work(record, Step::resolve, Failure{Reason::build_interrupted, ""}).failure());
  record.fail({Reason::internal_error_unhandled, ""});
  record.finish();
  EXPECT_EQ(on_disk().status, BuildStatus::interrupted);
}

TEST_F(RecordTest, KeepsAStepFailureWhenTheBuildSucceeds) {
  Record record(store_, clock_, [] { return false; });
  static_cast<void>(work(record, Step::resolve, Failure{Reason::network_dns, "host\nname"}));
  static_cast<void>(work(record, Step::cache));
  record.finish();
  const auto phases = on_disk().phases;
  EXPECT_EQ(phases.at(0).failure->reason, "network::dns");
  EXPECT_EQ(phases.at(0).failure->detail, "host name");
  EXPECT_FALSE(phases.at(1).failure);
}

TEST_F(RecordTest, EndsDeclinedWhenDetectDeclines) {
  Record record(store_, clock_, [] { return false; });
  record.decline();
  record.finish();
  EXPECT_EQ(on_disk().status, BuildStatus::declined);
  EXPECT_EQ(on_disk().step, Step::settings);
  EXPECT_TRUE(on_disk().total);
}

TEST_F(RecordTest, IgnoresDeclineAfterAFailure) {
  Record record(store_, clock_, [] { return false; });
  record.fail({Reason::network_dns, ""});
  record.decline();
  record.finish();
  EXPECT_EQ(on_disk().status, BuildStatus::failure);
}

// Counts the calls and stores the last record.
class CountingJournal final : public Journal {
 public:
  void begin(Duration) override { ++begun; }
  void save(const BuildRecord& record) override {
    ++saved;
    last = record;
  }

  int begun = 0;
  int saved = 0;
  BuildRecord last;
};

TEST(RecordJournal, IsWrittenBeforeAndAfterEveryStepAndAtTheEnd) {
  CountingJournal journal;
  ManualClock clock;
  Record record(journal, clock, [] { return false; });
  EXPECT_EQ(journal.begun, 1);
  EXPECT_EQ(journal.saved, 0);
  static_cast<void>(record.phase(Step::resolve, [&]() -> Result<void> {
    EXPECT_EQ(journal.saved, 1);
    EXPECT_FALSE(journal.last.phases.at(0).duration);
    return {};
  }));
  EXPECT_EQ(journal.saved, 2);
  EXPECT_TRUE(journal.last.phases.at(0).duration);
  static_cast<void>(record.phase(Step::download, []() -> Result<void> { return Failure{Reason::network_dns, ""}; }));
  EXPECT_EQ(journal.saved, 4);
  EXPECT_EQ(journal.last.phases.at(1).failure->reason, "network::dns");
  record.finish();
  EXPECT_EQ(journal.saved, 5);
  EXPECT_EQ(journal.begun, 1);
}

TEST_F(RecordTest, IsStoredAsThePreviousRecordAfterASuccess) {
  build("v1");
  EXPECT_EQ(previous_version(), "(none)");
  build("v2");
  EXPECT_EQ(previous_version(), "v1");
}

TEST_F(RecordTest, IsNotStoredAsThePreviousRecordAfterAFailure) {
  build("v1");
  build("v2", Failure{Reason::network_dns, ""});
  build("v3", Failure{Reason::build_interrupted, ""});
  EXPECT_EQ(previous_version(), "v1");
  build("v4");
  EXPECT_EQ(previous_version(), "v1");
}

TEST_F(RecordTest, IsNotStoredAsThePreviousRecordWhenTheBuildWasKilled) {
  build("v1");
  {
    Record killed(store_, clock_, [] { return false; });
    static_cast<void>(work(killed, Step::download));
  }
  build("v3");
  EXPECT_EQ(previous_version(), "v1");
}

TEST_F(RecordTest, IsWrittenAgainWhenTheCacheIsEmptiedDuringTheBuild) {
  Record record(store_, clock_, [] { return false; });
  static_cast<void>(work(record, Step::resolve));
  ASSERT_TRUE(files_.remove("/cache"));
  static_cast<void>(work(record, Step::download));
  EXPECT_EQ(on_disk().step, Step::download);
  EXPECT_EQ(on_disk().phases.size(), 2u);
}

TEST_F(RecordTest, NeverFailsABuildThatCannotWriteIt) {
  files_.put_file("/cache", "a file");
  build("v1");
  EXPECT_EQ(files_.content("/cache"), "a file");
  EXPECT_EQ(store_.load().failure().reason, Reason::record_missing);
}

TEST_F(RecordTest, NeverFailsABuildOnAFullDisk) {
  files_.fail("replace", ".json", ErrorKind::no_space, 100);
  build("v1");
  EXPECT_EQ(store_.load().failure().reason, Reason::record_missing);
}

TEST_F(RecordTest, IsNotWrittenWithoutACacheDirectory) {
  const RecordStore nowhere(files_, std::nullopt, "/tmp", {.directory = "/app"});
  {
    RecordStore store(files_, std::nullopt, "/tmp", {.directory = "/app"});
    Record record(store, clock_, [] { return false; });
    record.finish();
  }
  EXPECT_THAT(files_.paths(), IsEmpty());
  EXPECT_EQ(nowhere.load().failure().reason, Reason::record_missing);
  EXPECT_FALSE(nowhere.load_previous());
}

TEST_F(RecordTest, TouchesNoOtherFileOfTheCache) {
  files_.put_file("/cache/build-data/other.json", "other");
  files_.put_file("/cache/node/modules", "other");
  build("v1");
  build("v2");
  EXPECT_THAT(files_.paths(), ElementsAre("/cache/build-data/heroku-integration-service-mesh.json", kPrevious,
                                          "/cache/build-data/other.json", "/cache/node/modules"));
}

TEST_F(RecordTest, IsMissingWithoutABuild) { EXPECT_EQ(store_.load().failure().reason, Reason::record_missing); }

TEST_F(RecordTest, IsUnreadableWhenReadingFails) {
  files_.put_file(kCurrent, "{}");
  files_.fail("read", kCurrent, ErrorKind::permission_denied);
  EXPECT_EQ(store_.load().failure().reason, Reason::record_unreadable);
  ASSERT_TRUE(files_.remove(kCurrent));
  files_.put_directory(kCurrent);
  EXPECT_EQ(store_.load().failure().reason, Reason::record_unreadable);
}

TEST_F(RecordTest, IsUnreadableWhenItIsHuge) {
  files_.put_file(kCurrent, std::string(300 * 1024, ' '));
  EXPECT_EQ(store_.load().failure().reason, Reason::record_unreadable);
}

TEST_F(RecordTest, ReplacesACorruptRecord) {
  files_.put_file(kCurrent, "{\"format\":1,\"sta");
  build("v1");
  EXPECT_EQ(on_disk().status, BuildStatus::success);
  EXPECT_EQ(previous_version(), "(none)");
}

TEST_F(RecordTest, HasNoPreviousRecordWhenItIsCorrupt) {
  files_.put_file(kPrevious, "{");
  EXPECT_FALSE(store_.load_previous());
}

TEST_F(RecordTest, ReportsWhyItCouldNotBeWritten) {
  EXPECT_FALSE(store_.write_failure());
  files_.fail("replace", ".json", ErrorKind::no_space, 100);
  build("v1");
  EXPECT_EQ(store_.write_failure()->reason, Reason::install_disk_full);
}

TEST_F(RecordTest, ReportsNoWriteFailureWhenTheLastRecordIsWritten) {
  files_.fail("replace", ".json", ErrorKind::no_space, 3);
  build("v1");
  EXPECT_FALSE(store_.write_failure());
}

// Adds a directory for temporary files.
class PrivateRecordTest : public RecordTest {
 protected:
  PrivateRecordTest() { files_.put_directory("/tmp"); }

  void refuse_the_cache() { files_.fail("replace", kCurrent, ErrorKind::permission_denied, 1000); }
};

TEST_F(PrivateRecordTest, IsNotMadeWhenTheCacheIsWritable) {
  build("v1");
  EXPECT_THAT(*files_.list("/tmp"), IsEmpty());
  EXPECT_FALSE(store_.fallback());
}

TEST_F(PrivateRecordTest, IsWrittenWhenTheCacheIsNotWritable) {
  refuse_the_cache();
  build("v1", Failure{Reason::network_dns, ""});
  EXPECT_EQ(on_disk().status, BuildStatus::failure);
  EXPECT_EQ(store_.write_failure()->reason, Reason::install_permission);
  EXPECT_TRUE(files_.is_private_directory(*store_.fallback()));
}

TEST_F(PrivateRecordTest, TakesPrecedenceOverAnEarlierRecordInTheCache) {
  build("v1");
  files_.fail("remove", kCurrent, ErrorKind::permission_denied, 1000);
  files_.fail("rename", kPrevious, ErrorKind::permission_denied, 1000);
  refuse_the_cache();
  build("v2", Failure{Reason::network_dns, ""});
  EXPECT_EQ(on_disk().status, BuildStatus::failure);
}

TEST_F(PrivateRecordTest, IsRemovedByTheNextBuildOfTheSameDirectory) {
  files_.fail("replace", kCurrent, ErrorKind::permission_denied, 3);
  build("v1", Failure{Reason::network_dns, ""});
  EXPECT_TRUE(store_.fallback());
  RecordStore next(files_, "/cache", "/tmp", {.directory = "/app"});
  Record(next, clock_, [] { return false; }).finish();
  EXPECT_EQ(next.load()->status, BuildStatus::success);
  EXPECT_THAT(*files_.list("/tmp"), IsEmpty());
}

TEST_F(PrivateRecordTest, StaysPrivateForTheWholeBuild) {
  files_.fail("replace", kCurrent, ErrorKind::permission_denied, 3);
  build("v1");
  EXPECT_EQ(on_disk().status, BuildStatus::success);
  EXPECT_EQ(files_.kind(kCurrent), FileKind::missing);
}

TEST_F(PrivateRecordTest, IsWrittenWithoutACacheDirectory) {
  RecordStore store(files_, std::nullopt, "/tmp", {.directory = "/app"});
  Record(store, clock_, [] { return false; }).finish();
  EXPECT_EQ(store.load()->status, BuildStatus::success);
  EXPECT_FALSE(store.write_failure());
}

TEST_F(PrivateRecordTest, IsOnlyReadFromAPrivateDirectory) {
  refuse_the_cache();
  build("v1");
  ASSERT_TRUE(files_.set_mode(*store_.fallback(), 0755));
  EXPECT_EQ(store_.load().failure().reason, Reason::record_missing);
}

class RecordIdentityTest : public testing::Test {
 protected:
  RecordIdentityTest() { files_.put_file("/app/Procfile", "web: npm start\n"); }

  // Writes a record as one build. Returns whether the other build accepts it as its own.
  bool is_accepted(const BuildIdentity& writer, const BuildIdentity& reader) {
    RecordStore store(files_, "/cache", "/tmp", writer);
    Record(store, clock_, [] { return false; }).finish();
    between_();
    const auto record = RecordStore(files_, "/cache", "/tmp", reader).load();
    if (!record) {
      EXPECT_EQ(record.failure().reason, Reason::record_missing);
    }
    return static_cast<bool>(record);
  }

  MemoryFiles files_;
  ManualClock clock_;
  std::function<void()> between_ = [] {};
};

TEST_F(RecordIdentityTest, ComparesRequestsWhenBothNameOne) {
  EXPECT_TRUE(is_accepted({"1", "/app"}, {"1", "/app"}));
  EXPECT_TRUE(is_accepted({"1", "/app"}, {"1", "/slug"}));
  EXPECT_FALSE(is_accepted({"1", "/app"}, {"2", "/app"}));
}

TEST_F(RecordIdentityTest, ComparesDirectoriesUnlessBothNameARequest) {
  for (const auto& [writer, reader] : {std::pair("", ""), std::pair("1", ""), std::pair("", "1")}) {
    EXPECT_TRUE(is_accepted({writer, "/app"}, {reader, "/app"}));
    EXPECT_TRUE(is_accepted({writer, "/x/../app"}, {reader, "/./app"}));
    EXPECT_TRUE(is_accepted({writer, "/app/"}, {reader, "/app"}));
    EXPECT_FALSE(is_accepted({writer, "/app"}, {reader, "/other"}));
    EXPECT_FALSE(is_accepted({writer, "/app"}, {reader, {}}));
  }
}

TEST_F(RecordIdentityTest, AcceptsADirectoryThatLaterBuildpacksChanged) {
  between_ = [this] { files_.put_file("/app/node_modules/x", ""); };
  EXPECT_TRUE(is_accepted({"", "/app"}, {"", "/app"}));
}

TEST_F(RecordIdentityTest, RejectsADirectoryThatWasRefilled) {
  between_ = [this] {
    ASSERT_TRUE(files_.remove("/app/Procfile"));
    files_.put_file("/app/Procfile", "web: npm start\n");
  };
  EXPECT_FALSE(is_accepted({"", "/app"}, {"", "/app"}));
}

TEST_F(RecordIdentityTest, RejectsARecordWithoutRequestAndDirectory) {
  ASSERT_TRUE(files_.remove("/app"));
  EXPECT_FALSE(is_accepted({"", "/app"}, {"", "/app"}));
}

BuildRecord a_record() {
  return {.status = BuildStatus::failure,
          .step = Step::download,
          .facts = {{"stack", std::string("heroku-24 \"\\\n\u2028")},
                    {"download_bytes", std::int64_t{1} << 62},
                    {"service_mesh_version_changed", false}},
          .phases = {{Step::settings, 0ns, 5ns},
                     {Step::resolve, 5ns, 1ns, PhaseFailure{"network::reset", "gone"}},
                     {Step::download, 6ns}},
          .total = 99ns,
          .failure = RecordedFailure{"network::dns", "upstream", "detail", Step::download},
          .origin = {"request-1", "/app", 7ns}};
}

TEST(ParseRecord, ParsesASerializedRecord) {
  const auto parsed = parse_record(serialize(a_record()));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(serialize(*parsed), serialize(a_record()));
  EXPECT_EQ(parsed->facts, a_record().facts);
  EXPECT_EQ(parsed->phases.at(0).duration, 5ns);
  EXPECT_EQ(parsed->phases.at(1).failure->detail, "gone");
  EXPECT_FALSE(parsed->phases.at(2).duration);
  EXPECT_EQ(parsed->origin.request, "request-1");
  EXPECT_EQ(parsed->origin.directory, "/app");
  EXPECT_EQ(parsed->origin.changed_at, 7ns);
}

TEST(ParseRecord, RejectsATruncatedRecord) {
  const std::string whole = serialize(a_record());
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse_record(whole.substr(0, size))) << size;
}

TEST(ParseRecord, RejectsOtherJson) {
  for (const char* text :
       {"", "null", "7", "[]", "\"x\"", "{}", R"({"format":2,"status":"success","step":"done","facts":{},"phases":[]})",
        R"({"format":"1","status":"success","step":"done","facts":{},"phases":[]})",
        R"({"format":1,"status":"great","step":"done","facts":{},"phases":[]})",
        R"({"format":1,"status":"success","step":"dance","facts":{},"phases":[]})",
        R"({"format":1,"status":"success","step":"done","phases":[]})",
        R"({"format":1,"status":"success","step":"done","facts":{},"phases":{}})",
        R"({"format":1,"status":"success","step":"done","facts":{},"phases":[7]})",
        R"({"format":1,"status":"success","step":"done","facts":{},"phases":[{"step":"place"}]})"}) {
    EXPECT_FALSE(parse_record(text)) << text;
  }
}

TEST(ParseRecord, RejectsDeepNesting) {
  EXPECT_FALSE(parse_record(std::string(20'000, '[')));
  std::string nested = R"({"format":1,"status":"success","step":"done","facts":{},"phases":[],"x":)";
  nested += std::string(20'000, '[') + std::string(20'000, ']') + "}";
  EXPECT_TRUE(parse_record(nested));
}

// Returns a record with these facts in JSON.
std::optional<BuildRecord> with_facts(std::string_view facts) {
  return parse_record(fmt::format(R"({{"format":1,"status":"success","step":"done","facts":{},"phases":[]}})", facts));
}

TEST(ParseRecord, IgnoresUnknownFacts) {
  EXPECT_THAT(with_facts(R"({"stack":"x","favourite_colour":"red"})")->facts, testing::SizeIs(1));
}

TEST(ParseRecord, IgnoresFactsOfAnotherType) {
  EXPECT_THAT(with_facts(R"({"stack":7,"download_bytes":"7","service_mesh_version_pinned":1,"arch":null})")->facts,
              IsEmpty());
  EXPECT_THAT(with_facts(R"({"download_bytes":1.5,"download_attempts":true,"stack":["x"]})")->facts, IsEmpty());
  EXPECT_THAT(with_facts("[]")->facts, IsEmpty());
}

}  // namespace
}  // namespace mesh::buildpack
