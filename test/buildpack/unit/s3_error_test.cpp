#include "buildpack/release/s3_error.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace mesh::buildpack {
namespace {

constexpr std::string_view kDeclaration = R"(<?xml version="1.0" encoding="UTF-8"?>)";

std::string document(std::string_view children) { return fmt::format("{}\n<Error>{}</Error>", kDeclaration, children); }

// Returns the code of an error with this content; "none" for nullopt.
std::string code(std::string_view content) {
  const auto error = parse_s3_error(document(fmt::format("<Code>{}</Code>", content)));
  return error ? error->code : "none";
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

TEST(S3Error, ParsesCodeAndRegion) {
  const auto error =
      parse_s3_error(document("<Code>PermanentRedirect</Code><Message>Use the endpoint.</Message>"
                              "<Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint><Bucket>b</Bucket>"
                              "<Region>eu-west-1</Region><RequestId>1</RequestId><HostId>2=</HostId>"));
  EXPECT_EQ(error, (S3Error{.code = "PermanentRedirect", .region = "eu-west-1"}));
}

TEST(S3Error, HasAnEmptyRegionWhenItIsMissing) {
  EXPECT_EQ(parse_s3_error("<Error><Code>A</Code><Message/><Region></Region></Error>"), (S3Error{.code = "A"}));
}

TEST(S3Error, AcceptsADocumentWithoutADeclaration) {
  for (const char* before : {"", " \r\n\t", "\xEF\xBB\xBF", "<?xml version='1.0'?>", "<!-- - -->", "<?a?><!----> "}) {
    EXPECT_TRUE(parse_s3_error(fmt::format("{}<Error><Code>A</Code></Error>{}", before, *before == '\xEF' ? "" : before)))
        << before;
  }
}

TEST(S3Error, IgnoresAttributesAndSpacesInTags) {
  const auto error = parse_s3_error("<Error xmlns=\"http://s3/\" a = '>\"</Error>'\n><Code b=\"\">A</Code\t></Error >");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, "A");
}

TEST(S3Error, IgnoresUnknownElements) {
  const auto error =
      parse_s3_error(document("words<Resource a='1'><Code>deep</Code><x/></Resource><Details/><Code>A</Code>"
                              "<code>small</code><s3:Code>other</s3:Code><Error><Code>inner</Code></Error>"));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, "A");
}

TEST(S3Error, KeepsTheFirstOfTwoValues) {
  const auto error = parse_s3_error(document("<Code>A</Code><Code>B</Code>"));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, "A");
}

TEST(S3Error, IgnoresMalformedValues) {
  EXPECT_EQ(code(" \n A-1.b \t"), "A-1.b");
  EXPECT_EQ(code(std::string(64, 'a')), std::string(64, 'a'));
  for (const std::string& content : {std::string(65, 'a'), std::string("A B"), std::string("A&amp;B"), std::string("&"),
                                     std::string("\x1B[31m"), std::string("\xFF"), std::string("https://a:b@c")}) {
    EXPECT_EQ(code(content), "none") << content;
  }
}

TEST(S3Error, IgnoresReferencesInOtherValues) {
  EXPECT_EQ(code("A</Code><Message>&quot;&#x1F600;&nonsense</Message><Code>"), "A");
}

TEST(S3Error, IgnoresCommentsAndElementsInsideAValue) { EXPECT_EQ(code("<!-- <Code> --><i>x<i>y</i></i><?php ?>A"), "A"); }

TEST(S3Error, IsNulloptWithoutACode) {
  for (const char* text : {"<Error/>", "<Error></Error>", "<Error><Message>m</Message></Error>", "<Error><Code/></Error>",
                           "<Error><Code> </Code></Error>", "<Error>Code</Error>"}) {
    EXPECT_FALSE(parse_s3_error(text)) << text;
  }
}

TEST(S3Error, IsNulloptForOtherDocuments) {
  const std::string error = "<Error><Code>A</Code></Error>";
  ASSERT_TRUE(parse_s3_error(error));
  for (const std::string& text :
       {std::string(), std::string(" "), std::string("<"), std::string("{\"message\":\"Not Found\"}"), "x" + error,
        error + "x", error + error, std::string("<Error><Code>A</Code><![CDATA[]]></Error>"), "</Error>" + error,
        error + "</Error>", std::string("<!DOCTYPE html><html><body><Error><Code>A</Code></Error></body></html>"),
        "<Errors>" + error + "</Errors>", std::string("<error><Code>A</Code></error>"),
        std::string("<Error><Code>A</Error></Code>"), std::string("<Error><Code>A</Code></Err>"),
        std::string("<Error><Code>A</Code ></>"), std::string("< Error/>"),
        std::string("<ListBucketResult><Name>b</Name></ListBucketResult>"), std::string("\x1F\x8B\x08\x00", 4)}) {
    EXPECT_FALSE(parse_s3_error(text)) << text;
  }
}

TEST(S3Error, IsNulloptWhenTruncated) {
  const std::string whole = document("<Code a='1'>A<!-- c --></Code><Message>m&amp;</Message>");
  ASSERT_TRUE(parse_s3_error(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse_s3_error(whole.substr(0, size))) << size;
}

TEST(S3Error, RejectsADocumentType) {
  const std::string bomb = R"(<!DOCTYPE Error [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc">]>)";
  EXPECT_FALSE(parse_s3_error(bomb + "<Error><Code>&b;</Code></Error>"));
  EXPECT_FALSE(parse_s3_error("<!DOCTYPE Error><Error><Code>A</Code></Error>"));
  EXPECT_FALSE(parse_s3_error("<Error><!ENTITY a 'b'><Code>A</Code></Error>"));
}

TEST(S3Error, AcceptsDeepNesting) {
  const std::string before = "<Error><Code>A</Code>";
  EXPECT_TRUE(parse_s3_error(before + repeated("<a>", 9'000) + repeated("</a>", 9'000) + "</Error>"));
  EXPECT_FALSE(parse_s3_error(before + repeated("<a>", 20'000)));
  EXPECT_FALSE(parse_s3_error(repeated("<", 60'000)));
  EXPECT_FALSE(parse_s3_error(before + repeated("</a>", 9'000)));
}

TEST(S3Error, RejectsDocumentsAboveTheSizeLimit) {
  const std::string error = "<Error><Code>A</Code></Error>";
  EXPECT_TRUE(parse_s3_error(error + std::string(64 * 1024 - error.size(), ' ')));
  EXPECT_FALSE(parse_s3_error(error + std::string(64 * 1024 + 1 - error.size(), ' ')));
}

}  // namespace
}  // namespace mesh::buildpack
