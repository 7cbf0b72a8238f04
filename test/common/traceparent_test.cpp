#include "common/traceparent.h"

#include <gtest/gtest.h>

namespace mesh {
namespace {

const std::string kTraceId = "0af7651916cd43dd8448eb211c80319c";
const std::string kParentId = "b7ad6b7169203331";

std::string traceparent(const std::string& version, const std::string& rest) {
  return version + "-" + kTraceId + "-" + kParentId + "-" + rest;
}

TEST(ParseTraceparent, ParsesTheFields) {
  const auto parsed = parse_traceparent(traceparent("00", "01"));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->trace_id, kTraceId);
  EXPECT_EQ(parsed->parent_id, kParentId);
  EXPECT_TRUE(parsed->sampled);
}

TEST(ParseTraceparent, ReadsOnlyTheSampledFlag) {
  for (const char* flags : {"01", "03", "09", "ff", "0b"}) EXPECT_TRUE(parse_traceparent(traceparent("00", flags))->sampled);
  for (const char* flags : {"00", "02", "fe", "0a"}) EXPECT_FALSE(parse_traceparent(traceparent("00", flags))->sampled);
}

TEST(ParseTraceparent, AcceptsLaterVersions) {
  for (const char* version : {"01", "cc", "fe"}) {
    for (const char* rest : {"01", "01-", "01-what-the-future-will-be-like", "01-01"}) {
      const auto parsed = parse_traceparent(traceparent(version, rest));
      ASSERT_TRUE(parsed) << version << rest;
      EXPECT_EQ(parsed->trace_id, kTraceId);
      EXPECT_TRUE(parsed->sampled);
    }
    EXPECT_FALSE(parse_traceparent(traceparent(version, "01."))) << version;
    EXPECT_FALSE(parse_traceparent(traceparent(version, "012"))) << version;
  }
}

TEST(ParseTraceparent, RejectsMoreFieldsInVersion00) {
  for (const char* rest : {"01-", "01-what", "01 ", "011", "01\n"}) EXPECT_FALSE(parse_traceparent(traceparent("00", rest)));
}

TEST(ParseTraceparent, RejectsVersionFf) { EXPECT_FALSE(parse_traceparent(traceparent("ff", "01"))); }

TEST(ParseTraceparent, RejectsIdsOfOnlyZeros) {
  EXPECT_FALSE(parse_traceparent("00-" + std::string(32, '0') + "-" + kParentId + "-01"));
  EXPECT_FALSE(parse_traceparent("00-" + kTraceId + "-" + std::string(16, '0') + "-01"));
}

TEST(ParseTraceparent, RejectsATruncatedValue) {
  const std::string whole = traceparent("00", "01");
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse_traceparent(whole.substr(0, size))) << size;
}

TEST(ParseTraceparent, RejectsInvalidCharacters) {
  for (const char* version : {"00", "01"}) {
    const std::string whole = traceparent(version, "01");
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const char c : {'A', 'F', 'g', ' ', '\0', '_', '\n', '/', ':', '`'}) {
        std::string changed = whole;
        changed[at] = c;
        EXPECT_FALSE(parse_traceparent(changed)) << changed;
      }
      std::string changed = whole;
      changed[at] = whole[at] == '-' ? '0' : '-';
      EXPECT_FALSE(parse_traceparent(changed)) << changed;
    }
  }
}

}  // namespace
}  // namespace mesh
