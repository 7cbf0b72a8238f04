#include "buildpack/cnb/trace_context.h"

#include <gtest/gtest.h>

#include "support/cpp/memory_files.h"

namespace mesh::buildpack::cnb {
namespace {

// A context whose trace id is all of one digit.
std::string context(char digit) { return "00-" + std::string(32, digit) + "-00f067aa0ba902b7-01"; }

class TraceContextTest : public testing::Test {
 protected:
  // Returns the digit of the trace that was found, or '-'.
  char found(std::map<std::string, std::string> variables = {}) {
    const Environment environment(std::move(variables));
    const auto context = trace_context(ConfigVars("/platform/env", environment, files_), environment);
    return context ? context->trace_id.front() : '-';
  }

  MemoryFiles files_;
};

TEST_F(TraceContextTest, IsAbsentByDefault) { EXPECT_EQ(found(), '-'); }

TEST_F(TraceContextTest, PrefersFilesToTheEnvironment) {
  std::map<std::string, std::string> variables = {{"TRACEPARENT", context('4')}};
  EXPECT_EQ(found(variables), '4');
  files_.put_file("/platform/env/TRACEPARENT", context('3'));
  EXPECT_EQ(found(variables), '3');
  variables["CNB_OTEL_TRACEPARENT"] = context('2');
  EXPECT_EQ(found(variables), '2');
  files_.put_file("/platform/env/CNB_OTEL_TRACEPARENT", context('1'));
  EXPECT_EQ(found(variables), '1');
}

TEST_F(TraceContextTest, AcceptsATrailingNewline) {
  files_.put_file("/platform/env/CNB_OTEL_TRACEPARENT", context('1') + "\n");
  EXPECT_EQ(found(), '1');
}

TEST_F(TraceContextTest, IgnoresAnEmptyFile) {
  files_.put_file("/platform/env/CNB_OTEL_TRACEPARENT", "\n");
  EXPECT_EQ(found({{"TRACEPARENT", context('4')}}), '4');
}

TEST_F(TraceContextTest, IsAbsentWhenMalformed) {
  files_.put_file("/platform/env/CNB_OTEL_TRACEPARENT", "00-not-a-context-01");
  EXPECT_EQ(found({{"TRACEPARENT", context('4')}}), '-');
}

TEST_F(TraceContextTest, DoesNotWaitForAPipe) {
  files_.put_pipe("/platform/env/CNB_OTEL_TRACEPARENT");
  EXPECT_EQ(found({{"CNB_OTEL_TRACEPARENT", context('2')}}), '2');
}

TEST_F(TraceContextTest, ReadsEachNamedVariable) {
  for (const std::string_view name : trace_variables()) {
    EXPECT_EQ(found({{std::string(name), context('5')}}), '5') << name;
  }
}

}  // namespace
}  // namespace mesh::buildpack::cnb
