#include "platform/curl_failure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace mesh {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kAboutServer =
    "Failed to connect to host.example port 443 after 3 ms: Couldn't connect to server";
constexpr std::string_view kAboutProxy =
    "Failed to connect to proxy.example port 3128 after 3 ms: Couldn't connect to server";

Error unreached(std::vector<int> errors, std::string_view words = kAboutServer, const std::string& proxy = "") {
  return transfer_failure({CURLE_COULDNT_CONNECT, words, std::move(errors)}, *Url::parse("https://host.example/a"), proxy);
}

TEST(CurlFailure, IsOfflineWhenNoAddressHasARoute) {
  for (const int error : {ENETUNREACH, EHOSTUNREACH, ENETDOWN, EADDRNOTAVAIL}) {
    EXPECT_EQ(unreached({error}).kind, ErrorKind::offline) << error;
  }
  EXPECT_EQ(unreached({ENETUNREACH, EHOSTUNREACH, ENETUNREACH}).kind, ErrorKind::offline);
}

TEST(CurlFailure, IsConnectWhenOneAddressRefused) {
  EXPECT_EQ(unreached({ECONNREFUSED}).kind, ErrorKind::connect);
  EXPECT_EQ(unreached({ENETUNREACH, ECONNREFUSED}).kind, ErrorKind::connect);
  EXPECT_EQ(unreached({ECONNREFUSED, ENETUNREACH}).kind, ErrorKind::connect);
  EXPECT_EQ(unreached({}).kind, ErrorKind::connect);
}

TEST(CurlFailure, IsProxyForEveryConnectErrorOfAProxy) {
  EXPECT_EQ(unreached({ENETUNREACH}, kAboutProxy, "proxy.example:3128").kind, ErrorKind::proxy);
  EXPECT_EQ(unreached({ENETUNREACH}, kAboutServer, "proxy.example:3128").kind, ErrorKind::offline);
}

TEST(CurlFailure, HasTheSystemErrorInTheDetail) {
  EXPECT_THAT(unreached({ECONNREFUSED, ENETUNREACH}).detail, EndsWith("(Network is unreachable)"));
  EXPECT_THAT(unreached({0}).detail, Not(HasSubstr("(")));
}

TEST(CurlFailure, DistinguishesMalformedResponsesFromResets) {
  const Url url = *Url::parse("https://host.example/a");
  const auto kind = [&](std::string_view words) { return transfer_failure({CURLE_RECV_ERROR, words}, url, "").kind; };
  EXPECT_EQ(kind("Too large response headers: 307208 > 307200"), ErrorKind::protocol);
  EXPECT_EQ(kind("Illegal or missing hexadecimal sequence in chunked-encoding"), ErrorKind::protocol);
  EXPECT_EQ(kind("Recv failure: Connection reset by peer"), ErrorKind::reset);
}

TEST(CurlFailure, ReplacesUnhelpfulLibraryMessages) {
  const Url url = *Url::parse("https://host.example/a");
  EXPECT_EQ(transfer_failure({CURLE_OUT_OF_MEMORY, ""}, url, "").detail,
            "https://host.example/a: The response headers are too large.");
  EXPECT_THAT(
      transfer_failure({CURLE_BAD_CONTENT_ENCODING, "libcurl understands identity content encodings."}, url, "").detail,
      Not(HasSubstr("curl")));
}

TEST(CurlFailure, IsOutOfResourcesWhenMemoryOrThreadsAreUnavailable) {
  const Url url = *Url::parse("https://host.example/a");
  EXPECT_EQ(transfer_failure({CURLE_OUT_OF_MEMORY, "", {}, true}, url, "").kind, ErrorKind::out_of_resources);
  EXPECT_EQ(transfer_failure({CURLE_COULDNT_RESOLVE_HOST, "getaddrinfo() thread failed to start"}, url, "").kind,
            ErrorKind::out_of_resources);
}

TEST(CurlFailure, HasThePortInTheDetail) {
  EXPECT_EQ(port_of(*Url::parse("https://host.example/a")), 443);
  EXPECT_EQ(port_of(*Url::parse("https://host.example:8443/a")), 8443);
  EXPECT_EQ(port_of(*Url::parse("http://[::1]:81/a")), 81);
}

TEST(CurlFailure, HasOnlyHostAndPortOfAProxyInTheDetail) {
  EXPECT_EQ(proxy_name("proxy.example:3128"), "proxy.example:3128");
  EXPECT_EQ(proxy_name("proxy.example"), "proxy.example:1080");
  EXPECT_EQ(proxy_name("http://user:secret@proxy.example:3128/secret?secret#secret"), "proxy.example:3128");
  EXPECT_EQ(proxy_name("user:secret@proxy.example"), "proxy.example:1080");
  EXPECT_EQ(proxy_name("HTTPS://proxy.example"), "proxy.example:443");
  EXPECT_EQ(proxy_name("socks5h://user:secret@[::1]:1081"), "[::1]:1081");
}

TEST(CurlFailure, OmitsAMalformedProxy) {
  for (const char* proxy : {"", "http://", "user:secret@:x", "http://[::1"}) EXPECT_EQ(proxy_name(proxy), "") << proxy;
}

}  // namespace
}  // namespace mesh
