#include "buildpack/install/smoke_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/cpp/memory_files.h"
#include "support/cpp/scripted_processes.h"

namespace mesh::buildpack {
namespace {

using testing::Contains;
using testing::ElementsAre;

class SmokeRunTest : public testing::Test {
 protected:
  SmokeRun run(Product product, ProgramEnd end) {
    processes_.next(std::move(end));
    return *smoke_run(product, "/app/mesh", files_, processes_);
  }

  MemoryFiles files_;
  ScriptedProcesses processes_;
};

TEST_F(SmokeRunTest, ReadsTheVersionOfAppLink) {
  const SmokeRun run =
      this->run(Product::applink, {.exit_code = 0, .output = "heroku-applink-service-mesh version 1.2.3\n"});
  EXPECT_TRUE(run.passed);
  EXPECT_EQ(run.version, "v1.2.3");
  EXPECT_THAT(processes_.programs().at(0).arguments, ElementsAre("-v"));
}

TEST_F(SmokeRunTest, IgnoresOtherWordsThanAVersion) {
  for (const char* output : {"", "mesh\n", "mesh 1\n", "mesh . v. .5\n", "1.2/../x\n", "a1.2\n"}) {
    EXPECT_FALSE(run(Product::applink, {.exit_code = 0, .output = output}).version) << output;
  }
}

TEST_F(SmokeRunTest, RunsIntegrationWithACommandThatExitsImmediately) {
  files_.put_file("/usr/bin/true", "");
  ASSERT_TRUE(files_.set_mode("/usr/bin/true", 0755));
  EXPECT_TRUE(run(Product::integration, {.exit_code = 0, .output = "version 1.2.3"}).passed);
  const Program& program = processes_.programs().at(0);
  EXPECT_THAT(program.arguments, ElementsAre("/usr/bin/true"));
  EXPECT_THAT(program.environment, testing::IsSupersetOf({"HEROKU_INTEGRATION_TOKEN=x", "PORT=0"}));
}

TEST_F(SmokeRunTest, DescribesTheOutcome) {
  EXPECT_EQ(run(Product::applink, {.exit_code = 3, .errors = "no such option\nmore"}).outcome,
            "it exited with status 3: no such option");
  EXPECT_EQ(run(Product::applink, {.exit_code = 1, .output = "\nsaid\x1b[31m https://user:secret@host/x"}).outcome,
            "it exited with status 1: said [31m https://host/x");
  EXPECT_EQ(run(Product::applink, {.signal = 11}).outcome, "it was killed by signal 11");
  EXPECT_EQ(run(Product::applink, {.timed_out = true}).outcome, "it timed out after 5 s");
  EXPECT_FALSE(run(Product::applink, {.exit_code = 3}).passed);
}

TEST_F(SmokeRunTest, FailsTheTestWhenTheBinaryCannotStart) {
  processes_.next([](const Program&) -> common::Result<ProgramEnd> { return Error{ErrorKind::io, "Exec format error"}; });
  const auto run = smoke_run(Product::applink, "/app/mesh", files_, processes_);
  ASSERT_TRUE(run);
  EXPECT_FALSE(run->passed);
  EXPECT_EQ(run->outcome, "Exec format error");
}

TEST_F(SmokeRunTest, ReturnsBuildInterruptedWhenStopped) {
  processes_.next([](const Program&) -> common::Result<ProgramEnd> { return Error{ErrorKind::cancelled, ""}; });
  EXPECT_EQ(smoke_run(Product::applink, "/app/mesh", files_, processes_).failure().reason, Reason::build_interrupted);
}

}  // namespace
}  // namespace mesh::buildpack
