#include "platform/url.h"

#include <gtest/gtest.h>

namespace mesh {
namespace {

Url url(std::string_view text) { return *Url::parse(text); }

// Returns the target of a redirect; empty if it is rejected.
std::string redirected(std::string_view from, std::string_view reference) {
  const auto target = url(from).redirect(reference);
  return target ? target->text() : "";
}

TEST(UrlParse, AcceptsHttps) {
  for (const char* text : {"https://github.com/", "https://github.com:8443/a/b", "https://user:secret@host/a",
                           "HTTPS://host/", "https://127.0.0.1/", "https://[2001:db8::1]/"}) {
    EXPECT_TRUE(Url::parse(text)) << text;
  }
}

TEST(UrlParse, AcceptsPlainHttpOnlyForLocalhost) {
  for (const char* text : {"http://localhost/", "http://LOCALHOST:8080/", "http://127.0.0.1:1/", "http://127.1/",
                           "http://127.255.255.254/", "http://[::1]:8080/", "http://user@localhost/"}) {
    EXPECT_TRUE(Url::parse(text)) << text;
  }
}

TEST(UrlParse, RejectsPlainHttpForOtherHosts) {
  for (const char* text :
       {"http://github.com/", "http://127.0.0.1.evil.com/", "http://localhost.evil.com/", "http://evil-localhost/",
        "http://localhost@evil.com/", "http://127.0.0.1@evil.com/", "http://evil.com#@localhost/",
        "http://evil.com?@localhost", "http://128.0.0.1/", "http://10.0.0.1/", "http://0.0.0.0/", "http://[::2]/",
        "http://[::ffff:8.8.8.8]/", "http://127.0.0.1x/", "http://127.0.0.1.2/", "http://127.com/", "http://1270.0.0.1/",
        "http://localhost./"}) {
    EXPECT_FALSE(Url::parse(text)) << text;
  }
}

TEST(UrlParse, AcceptsLocalFiles) {
  EXPECT_EQ(url("file:///srv/releases").path(), "/srv/releases");
  EXPECT_EQ(url("file:///srv/with%20blank").path(), "/srv/with blank");
  EXPECT_TRUE(url("file:///srv").is_file());
  EXPECT_EQ(url("FILE:/srv").text(), "file:///srv");
  EXPECT_FALSE(url("https://host/srv").is_file());
}

TEST(UrlParse, RejectsRelativeFilePaths) {
  for (const char* text : {"file::1]:1/", "file:a", "file::", "file:../a", "file:%2f..", "file:a/../b"})
    EXPECT_FALSE(Url::parse(text)) << text;
}

TEST(UrlParse, RejectsUrlsThatDoNotRoundTrip) {
  for (const char* text : {"https://0%2e63.0/", "http://127%2e1/", "file:///a/../c:/b"}) {
    EXPECT_FALSE(Url::parse(text)) << text;
  }
}

TEST(UrlParse, KeepsTheRootOfTheFileSystem) {
  for (const char* text : {"file:///", "file:///..", "file:///a/.."}) EXPECT_EQ(url(text).text(), "file:///") << text;
  EXPECT_EQ((url("file:///") / "v1").text(), "file:///v1");
  EXPECT_EQ(redirected("file:///srv/a", "///..?b"), "file:///");
}

TEST(UrlParse, RejectsRemoteFiles) { EXPECT_FALSE(Url::parse("file://server/share")); }

TEST(UrlParse, RejectsOtherSchemes) {
  for (const char* text :
       {"ftp://host/", "gopher://host/", "javascript:alert(1)", "data:,x", "ssh://host/", "httpss://host/"}) {
    EXPECT_FALSE(Url::parse(text)) << text;
  }
}

TEST(UrlParse, RejectsMalformedUrls) {
  for (const char* text :
       {"", "github.com", "/path", "https:", "https://", "//host/path", "?query", "https//host", "://host"}) {
    EXPECT_FALSE(Url::parse(text)) << text;
  }
}

TEST(UrlParse, RejectsSpacesAndControlCharacters) {
  for (const std::string_view text : {"https://host/a b", " https://host/", "https://host/\n", "https://host/\ta",
                                      "https://ho\rst/", "https://host/\x7f", "https://host/%00", "https://host/%0a"}) {
    EXPECT_FALSE(Url::parse(text)) << text;
  }
  EXPECT_FALSE(Url::parse(std::string_view("https://host/\0a", 15)));
}

TEST(UrlParse, RejectsAnOversizedUrl) { EXPECT_FALSE(Url::parse("https://host/" + std::string(5000, 'a'))); }

TEST(UrlParse, SplitsAUrlIntoItsParts) {
  const Url parsed = url("HTTPS://user:secret@Example.COM:8443/a%2Bb?q#f");
  EXPECT_EQ(parsed.scheme(), "https");
  EXPECT_EQ(parsed.host(), "example.com");
  EXPECT_EQ(parsed.path(), "/a+b");
  EXPECT_EQ(parsed.text(), "https://user:secret@Example.COM:8443/a%2Bb?q#f");
}

TEST(UrlRedacted, ContainsNoSecret) {
  EXPECT_EQ(url("https://user:secret@host:8443/a?q=secret#secret").redacted(), "https://host:8443/a");
  for (const char* password : {"se\"cret", "se'cret", "se<cret", "se>cret"}) {
    EXPECT_EQ(url(std::string("https://user:") + password + "@host/a").redacted(), "https://host/a") << password;
  }
}

TEST(UrlHasQueryOrFragment, DetectsQueryAndFragment) {
  EXPECT_TRUE(url("https://host/a?q").has_query_or_fragment());
  EXPECT_TRUE(url("https://host/a#f").has_query_or_fragment());
  EXPECT_FALSE(url("https://host/a").has_query_or_fragment());
}

TEST(UrlAppend, PutsOneSlashBetween) {
  EXPECT_EQ((url("https://host") / "a" / "b").text(), "https://host/a/b");
  EXPECT_EQ((url("https://host/base/") / "a").text(), "https://host/base/a");
  EXPECT_EQ((url("https://host/base%2F") / "a").path(), "/base//a");
}

TEST(UrlAppend, EscapesASegment) {
  const Url appended = url("https://host/base") / "a/b?c#d e+%";
  EXPECT_EQ(appended.text(), "https://host/base/a%2Fb%3Fc%23d%20e%2B%25");
  EXPECT_EQ(appended.path(), "/base/a/b?c#d e+%");
  EXPECT_EQ(Url::parse(appended.text())->path(), appended.path());
}

TEST(UrlAppend, KeepsHostAndUser) {
  EXPECT_EQ((url("https://user:secret@host/") / "a").text(), "https://user:secret@host/a");
  EXPECT_EQ((url("https://host/") / "a").host(), "host");
}

TEST(UrlRedirect, AcceptsAnAbsoluteUrl) {
  EXPECT_EQ(redirected("https://one/a", "https://two/b?signed=1"), "https://two/b?signed=1");
}

TEST(UrlRedirect, ResolvesARelativeReference) {
  EXPECT_EQ(redirected("https://host/a/b/c", "/d"), "https://host/d");
  EXPECT_EQ(redirected("https://host/a/b/c", "d"), "https://host/a/b/d");
  EXPECT_EQ(redirected("https://host/a/b/c", "../d"), "https://host/a/d");
  EXPECT_EQ(redirected("https://host/a", "//two/b"), "https://two/b");
  EXPECT_EQ(redirected("https://host/a", "?q"), "https://host/a?q");
}

TEST(UrlRedirect, NeverLeavesHttps) {
  EXPECT_EQ(redirected("https://host/a", "http://localhost/a"), "");
  EXPECT_EQ(redirected("https://host/a", "http://host/a"), "");
  EXPECT_EQ(redirected("http://localhost/a", "https://host/a"), "https://host/a");
  EXPECT_EQ(redirected("http://localhost/a", "http://127.0.0.1/b"), "http://127.0.0.1/b");
  EXPECT_EQ(redirected("http://localhost/a", "http://host/b"), "");
}

TEST(UrlRedirect, NeverChangesBetweenNetworkAndFile) {
  EXPECT_EQ(redirected("https://host/a", "file:///etc/passwd"), "");
  EXPECT_EQ(redirected("http://localhost/a", "file:///etc/passwd"), "");
  EXPECT_EQ(redirected("file:///srv/a", "https://host/a"), "");
  EXPECT_EQ(redirected("file:///srv/releases/latest", "tag/v1"), "file:///srv/releases/tag/v1");
}

TEST(UrlRedirect, ReturnsNulloptForMalformedUrls) {
  for (const char* reference : {"", " ", "https://", "ftp://host/", "https://host/a b", "/a\nb", "javascript:x"}) {
    EXPECT_EQ(redirected("https://host/a", reference), "") << reference;
  }
}

}  // namespace
}  // namespace mesh
