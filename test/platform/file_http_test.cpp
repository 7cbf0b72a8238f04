#include "platform/file_http.h"

#include <gtest/gtest.h>

#include "support/cpp/archives.h"
#include "support/cpp/memory_files.h"

namespace mesh {
namespace {

// Stores the response.
struct KeepingSink final : HttpSink {
  Result<void> begin(const HttpResponse& response) override {
    status = response.status;
    return refusal ? Result<void>(*refusal) : Result<void>();
  }
  Result<void> body(std::span<const std::byte> bytes) override {
    content.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }

  int status = 0;
  std::string content;
  std::optional<Error> refusal;
};

class FileHttpTest : public testing::Test {
 protected:
  Result<HttpResponse> get(const char* url) { return http_.send({*Url::parse(url), {}, {}, {}}, sink_); }

  MemoryFiles files_;
  FileHttp http_{files_};
  KeepingSink sink_;
};

TEST_F(FileHttpTest, ReturnsTheContentOfAFile) {
  const std::string content = buildpack::noise(300'000);
  files_.put_file("/srv/a file", content);
  EXPECT_EQ(get("file:///srv/a%20file")->status, 200);
  EXPECT_EQ(sink_.status, 200);
  EXPECT_EQ(sink_.content, content);
}

TEST_F(FileHttpTest, RejectsAPost) {
  files_.put_file("/srv/file", "content");
  const auto response =
      http_.send({*Url::parse("file:///srv/file"), {}, {}, {}, Redirects::follow, HttpMethod::post}, sink_);
  EXPECT_EQ(response->status, 405);
  EXPECT_EQ(files_.content("/srv/file"), "content");
}

TEST_F(FileHttpTest, FollowsALinkToAFile) {
  files_.put_file("/srv/file", "content");
  files_.put_link("/srv/link", "file");
  EXPECT_EQ(get("file:///srv/link")->status, 200);
  EXPECT_EQ(sink_.content, "content");
}

TEST_F(FileHttpTest, ReturnsRedirectWhenTheLinkTargetIsNotAFile) {
  files_.put_directory("/srv/releases/tag/v1");
  files_.put_link("/srv/releases/latest", "tag/v1");
  files_.put_link("/srv/releases/dangling", "tag/v2");
  EXPECT_EQ(get("file:///srv/releases/latest")->status, 302);
  EXPECT_EQ(get("file:///srv/releases/latest")->header("location"), "tag/v1");
  EXPECT_EQ(get("file:///srv/releases/dangling")->header("location"), "tag/v2");
}

TEST_F(FileHttpTest, ReturnsRedirectForLinkToFileWhenRedirectsAreReported) {
  files_.put_file("/srv/releases/tag/v1", "a page");
  files_.put_link("/srv/releases/latest", "tag/v1");
  const auto response = http_.send({*Url::parse("file:///srv/releases/latest"), {}, {}, {}, Redirects::report}, sink_);
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(response->header("location"), "tag/v1");
}

TEST_F(FileHttpTest, HasTheCauseInTheBodyOf404) {
  files_.put_directory("/srv/directory");
  for (const auto& [url, why] : {std::pair("file:///srv/none/at/all", "/srv/none does not exist"),
                                 std::pair("file:///srv/directory", "/srv/directory is not a file")}) {
    sink_.content.clear();
    EXPECT_EQ(get(url)->status, 404);
    EXPECT_EQ(sink_.content, why);
  }
}

TEST_F(FileHttpTest, Returns404ForOtherTypes) {
  files_.put_directory("/srv/directory");
  files_.put_pipe("/srv/pipe");
  for (const char* url : {"file:///srv/nothing", "file:///srv/directory", "file:///srv/pipe", "file:///srv/nothing/below"}) {
    EXPECT_EQ(get(url)->status, 404) << url;
  }
  EXPECT_EQ(sink_.status, 404);
}

TEST_F(FileHttpTest, Returns403WhenPermissionIsDenied) {
  files_.put_file("/srv/secret", "");
  files_.fail("open", "/srv/secret", ErrorKind::permission_denied);
  EXPECT_EQ(get("file:///srv/secret")->status, 403);
}

TEST_F(FileHttpTest, ReturnsReadFailure) {
  files_.put_file("/srv/file", "content");
  files_.fail("read_at", "/srv/file", ErrorKind::io);
  EXPECT_EQ(get("file:///srv/file").failure().kind, ErrorKind::io);
}

TEST_F(FileHttpTest, ReturnsTheSinksFailure) {
  files_.put_file("/srv/file", "content");
  sink_.refusal = Error{ErrorKind::cancelled, ""};
  EXPECT_EQ(get("file:///srv/file").failure().kind, ErrorKind::cancelled);
  EXPECT_EQ(get("file:///srv/nothing").failure().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace mesh
