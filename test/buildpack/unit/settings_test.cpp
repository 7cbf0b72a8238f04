#include "buildpack/release/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/cpp/memory_files.h"

namespace mesh::buildpack {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kPrefix = "HEROKU_INTEGRATION_SERVICE_MESH_";

std::vector<std::string> tags(std::string_view version) {
  const auto parsed = parse_version(version);
  return parsed ? parsed->tags : std::vector<std::string>{"(refused)"};
}

TEST(ParseVersion, TriesTheTagWithAVFirst) {
  EXPECT_THAT(tags("v0.1.2"), ElementsAre("v0.1.2", "0.1.2"));
  EXPECT_THAT(tags("0.1.2"), ElementsAre("v0.1.2", "0.1.2"));
  EXPECT_THAT(tags("1.0.0-rc.1+build"), ElementsAre("v1.0.0-rc.1+build", "1.0.0-rc.1+build"));
}

TEST(ParseVersion, KeepsOtherTagsUnchanged) {
  EXPECT_THAT(tags("nightly"), ElementsAre("nightly"));
  EXPECT_THAT(tags("2024"), ElementsAre("2024"));
  EXPECT_THAT(tags("version-1.2"), ElementsAre("version-1.2"));
  EXPECT_THAT(tags("V1.2"), ElementsAre("V1.2"));
}

TEST(ParseVersion, IgnoresSpacesAndQuotes) {
  for (const char* text : {" v1.2 \n", "\"v1.2\"", "'v1.2'", " \" v1.2 \" ", "\tv1.2\r\n"}) {
    EXPECT_THAT(tags(text), ElementsAre("v1.2", "1.2")) << text;
  }
}

TEST(ParseVersion, AcceptsLatestInAnyCase) {
  for (const char* text : {"latest", "LATEST", " Latest\n", "\"latest\""}) {
    ASSERT_TRUE(parse_version(text)) << text;
    EXPECT_TRUE(parse_version(text)->is_latest()) << text;
    EXPECT_EQ(parse_version(text)->text, "latest") << text;
  }
}

TEST(ParseVersion, KeepsTheUsersText) { EXPECT_EQ(parse_version(" \"0.1.2\" ")->text, "0.1.2"); }

TEST(ParseVersion, RejectsInvalidTags) {
  for (const std::string& text :
       {std::string(), std::string("\"\""), std::string("'v1.2\""), std::string("\"v1.2"), std::string("v1 .2"),
        std::string("../v1.2"), std::string("v1/2"), std::string("-v1"), std::string(".1"), std::string("+1"),
        std::string("_1"), std::string("v1?x"), std::string("v1;rm"), std::string("$(id)"), std::string("ü1"),
        std::string("v1\nv2"), std::string(101, 'a')}) {
    EXPECT_FALSE(parse_version(text)) << text;
  }
}

class SettingsTest : public testing::Test {
 protected:
  void put(const std::string& name, std::string value) { files_.put_file(Path("/env") / name, std::move(value)); }
  void set(const std::string& name, std::string value) { variables_[name] = std::move(value); }

  Result<Settings> read(const std::optional<Path>& directory = "/env") {
    const Environment environment(variables_);
    return read_settings(product_, ConfigVars(directory, environment, files_), environment);
  }
  Settings settings() {
    auto settings = read();
    EXPECT_TRUE(settings) << settings.failure().detail;
    return *settings;
  }
  // Returns the failure for one config var.
  Failure failure_of(const std::string& name, std::string value) {
    put(kPrefix + name, std::move(value));
    const auto settings = read();
    EXPECT_TRUE(files_.remove("/env"));
    if (settings) throw std::logic_error("the value was taken");
    EXPECT_THAT(settings.failure().detail, HasSubstr(kPrefix + name));
    return settings.failure();
  }

  MemoryFiles files_;
  std::map<std::string, std::string> variables_;
  Product product_ = Product::integration;
};

TEST_F(SettingsTest, HasDefaultsForEverything) {
  const Settings settings = this->settings();
  EXPECT_EQ(settings.release.repository.owner, "heroku");
  EXPECT_EQ(settings.release.repository.project, "heroku-integration-service-mesh");
  EXPECT_TRUE(settings.release.version.is_latest());
  EXPECT_FALSE(settings.release.mirror);
  EXPECT_EQ(settings.release.repository.api->host(), "api.github.com");
  EXPECT_FALSE(settings.release.trust.pin);
  EXPECT_EQ(settings.release.source(), "github");
  EXPECT_EQ(settings.limits.connect, 5s);
  EXPECT_EQ(settings.limits.attempt, 60s);
  EXPECT_EQ(settings.proxies.for_https, "");
}

TEST_F(SettingsTest, ReadsTheEnvDirectory) {
  put(kPrefix + "RELEASE_VERSION", "v0.1.2\n");
  put(kPrefix + "REPO_OWNER", "some-body");
  put(kPrefix + "REPO_PROJECT", "a.project_x");
  const Settings settings = this->settings();
  EXPECT_THAT(settings.release.version.tags, ElementsAre("v0.1.2", "0.1.2"));
  EXPECT_EQ(settings.release.repository.owner, "some-body");
  EXPECT_EQ(settings.release.repository.project, "a.project_x");
}

TEST_F(SettingsTest, ReadsTheEnvironment) {
  set(kPrefix + "RELEASE_VERSION", "0.1.2");
  EXPECT_EQ(settings().release.version.text, "0.1.2");
}

TEST_F(SettingsTest, NeedsNoEnvDirectory) {
  set(kPrefix + "REPO_OWNER", "somebody");
  const auto settings = read(std::nullopt);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->release.repository.owner, "somebody");
}

TEST_F(SettingsTest, PrefersTheEnvDirectory) {
  put(kPrefix + "REPO_OWNER", "directory");
  set(kPrefix + "REPO_OWNER", "environment");
  EXPECT_EQ(settings().release.repository.owner, "directory");
}

TEST_F(SettingsTest, TreatsEmptyValuesAsUnset) {
  put(kPrefix + "REPO_OWNER", " \r\n");
  put(kPrefix + "RELEASE_VERSION", "");
  set(kPrefix + "REPO_OWNER", "environment");
  EXPECT_EQ(settings().release.repository.owner, "heroku");
  EXPECT_TRUE(settings().release.version.is_latest());
}

TEST_F(SettingsTest, RemovesWindowsNewlines) {
  put(kPrefix + "REPO_OWNER", "somebody\r\n");
  put(kPrefix + "BASE_URL", "https://mirror.example/\r\n");
  EXPECT_EQ(settings().release.repository.owner, "somebody");
  EXPECT_EQ(settings().release.mirror->text(), "https://mirror.example/");
}

TEST_F(SettingsTest, ReadsNoOtherFile) {
  for (const char* name : {"BUILD_DIR", "HOME", "PATH", "UID", "BINARY_FILE", "CURL_TIMEOUT", "SSL_CERT_FILE", "STACK"}) {
    put(name, "1");
  }
  EXPECT_EQ(settings().limits.attempt, 60s);
  EXPECT_FALSE(settings().trust_roots.file);
  for (const std::string& path : files_.paths_of("read")) EXPECT_THAT(path, Not(HasSubstr("DIR"))) << path;
  EXPECT_THAT(files_.paths_of("read"), IsEmpty());
}

TEST_F(SettingsTest, NamesEveryVariableItReads) {
  const auto names = known_environment_variables();
  for (const char* name : {"BUILD_DIR", "HOME", "HTTP_PROXY", "CURL_CA_BUNDLE"}) {
    EXPECT_THAT(names, Not(testing::Contains(name)));
  }
  EXPECT_THAT(names,
              testing::IsSupersetOf({"CURL_TIMEOUT", "CURL_CONNECT_TIMEOUT", "SSL_CERT_FILE", "SSL_CERT_DIR", "STACK"}));
}

TEST_F(SettingsTest, RejectsANulByte) {
  EXPECT_EQ(failure_of("REPO_OWNER", std::string("a\0b", 3)).reason, Reason::config_unreadable);
}

TEST_F(SettingsTest, RejectsAnOversizedValue) {
  EXPECT_EQ(failure_of("REPO_OWNER", std::string(8193, 'a')).reason, Reason::config_unreadable);
}

TEST_F(SettingsTest, RejectsAnUnreadableFile) {
  files_.put_directory("/env/" + kPrefix + "REPO_OWNER");
  EXPECT_EQ(read().failure().reason, Reason::config_unreadable);
  EXPECT_THAT(read().failure().detail, HasSubstr(kPrefix + "REPO_OWNER"));
}

TEST_F(SettingsTest, RejectsAnInvalidVersion) {
  EXPECT_EQ(failure_of("RELEASE_VERSION", "../../evil").reason, Reason::config_invalid_version);
  EXPECT_EQ(failure_of("RELEASE_VERSION", "v1\nv2").detail, kPrefix + "RELEASE_VERSION=\"v1 v2\"");
}

TEST_F(SettingsTest, RejectsInvalidRepositoryNames) {
  for (const std::string& owner : {std::string("a/b"), std::string("-a"), std::string("a-"), std::string("a.b"),
                                   std::string("a_b"), std::string(".."), std::string("a b"), std::string(40, 'a')}) {
    EXPECT_EQ(failure_of("REPO_OWNER", owner).reason, Reason::config_invalid_repository) << owner;
  }
  for (const std::string& project : {std::string("a/b"), std::string("."), std::string(".."), std::string("a b"),
                                     std::string("a?b"), std::string(101, 'a')}) {
    EXPECT_EQ(failure_of("REPO_PROJECT", project).reason, Reason::config_invalid_repository) << project;
  }
}

TEST_F(SettingsTest, ShowsAnInvalidValueInFull) {
  EXPECT_EQ(failure_of("RELEASE_VERSION", "v0.1.2 # pinned").detail, kPrefix + "RELEASE_VERSION=\"v0.1.2 # pinned\"");
  EXPECT_EQ(failure_of("RELEASE_VERSION", "v0.1.2?x").detail, kPrefix + "RELEASE_VERSION=\"v0.1.2?x\"");
  EXPECT_EQ(failure_of("REPO_PROJECT", "mesh#1").detail, kPrefix + "REPO_PROJECT=\"mesh#1\"");
}

TEST_F(SettingsTest, ReportsThatPartOfAnInvalidValueIsNotShown) {
  EXPECT_EQ(failure_of("RELEASE_VERSION", "mesh@v0.1.2").detail,
            kPrefix + "RELEASE_VERSION=\"v0.1.2\" (the rest is not shown, because it may be a secret)");
}

TEST_F(SettingsTest, HidesPossibleSecretsOfInvalidValues) {
  for (const auto& [name, value] :
       {std::pair("REPO_OWNER", "x:SECRET@github.com/acme"), std::pair("REPO_OWNER", "https://x:SEC\"SECRET@github.com"),
        std::pair("REPO_PROJECT", "mesh?token=SECRET"), std::pair("RELEASE_VERSION", "https://h/v0 1?token=SECRET"),
        std::pair("SHA256", "https://x:SECRET@host/a b")}) {
    EXPECT_THAT(failure_of(name, value).detail, testing::Not(HasSubstr("SECRET"))) << value;
  }
}

TEST_F(SettingsTest, RejectsADirectoryThatCannotBeListed) {
  put(kPrefix + "SHA256", "whatever it is, it must not be passed over");
  files_.fail("list", "/env", ErrorKind::permission_denied);
  const auto settings = read();
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.failure().reason, Reason::config_unreadable);
}

TEST_F(SettingsTest, FailsWithConfigUnreadableForEveryKindOfError) {
  for (const ErrorKind kind : {ErrorKind::no_space, ErrorKind::permission_denied, ErrorKind::io}) {
    put(kPrefix + "SHA256", "a value");
    files_.fail("read", "SHA256", kind);
    const auto settings = read();
    ASSERT_FALSE(settings);
    EXPECT_EQ(settings.failure().reason, Reason::config_unreadable);
  }
}

TEST_F(SettingsTest, UsesNoGitHubApiWithAMirror) {
  put(kPrefix + "BASE_URL", "https://mirror.example/base");
  const Settings settings = this->settings();
  EXPECT_EQ(settings.release.mirror->text(), "https://mirror.example/base");
  EXPECT_FALSE(settings.release.repository.api);
  EXPECT_EQ(settings.release.source(), "mirror");
}

TEST_F(SettingsTest, AcceptsAMirrorWithItsOwnApi) {
  put(kPrefix + "BASE_URL", "https://mirror.example");
  put(kPrefix + "API_URL", "https://api.mirror.example");
  EXPECT_EQ(settings().release.repository.api->host(), "api.mirror.example");
}

TEST_F(SettingsTest, AcceptsADirectoryAsMirror) {
  put(kPrefix + "BASE_URL", "file:///srv/releases");
  EXPECT_EQ(settings().release.source(), "file");
}

TEST_F(SettingsTest, RejectsUnsupportedAddresses) {
  for (const char* name : {"BASE_URL", "API_URL"}) {
    for (const char* value : {"http://mirror.example", "ftp://mirror.example", "mirror.example", "https://h/?q",
                              "https://h/#f", "https://h/a b", "https://"}) {
      EXPECT_EQ(failure_of(name, value).reason, Reason::config_invalid_url) << value;
    }
  }
}

TEST_F(SettingsTest, HidesSecretsOfInvalidAddresses) {
  for (const char* value :
       {"http://user:secret@mirror.example/x", "https://mirror.example/x?secret", "https://mirror.example/x#secret",
        "user:secret@mirror.example/x", "//user:secret@mirror.example/x", "https://user:a secret@mirror.example/x",
        "https://user:\"secret@mirror.example/x y", "https://user:s<secret@mirror.example/x y",
        "https://user:/secret@mirror.example/x y", "https://user:?secret@mirror.example/x",
        "https://user:secret@mirror.example/x?secret", "mirror.example/x?secret", "https://user:#secret@mirror.example/x",
        "https://user:x\nsecret@mirror.example/x", "secret://secret@mirror.example/x"}) {
    const std::string detail = failure_of("BASE_URL", value).detail;
    EXPECT_THAT(detail, AllOf(HasSubstr("mirror.example/x"), Not(HasSubstr("secret")))) << value;
  }
}

TEST_F(SettingsTest, AcceptsAPin) {
  const std::string digits(64, 'a');
  put(kPrefix + "SHA256", " sha256:" + digits + "\n");
  EXPECT_EQ(settings().release.trust.pin->hex(), digits);
}

TEST_F(SettingsTest, RejectsAMalformedPin) {
  EXPECT_EQ(failure_of("SHA256", std::string(63, 'a')).reason, Reason::config_invalid_sha256);
  EXPECT_EQ(failure_of("SHA256", std::string(64, 'g')).reason, Reason::config_invalid_sha256);
}

TEST_F(SettingsTest, ReadsTimeLimitsOnlyFromTheEnvironment) {
  set("CURL_CONNECT_TIMEOUT", "2.5");
  set("CURL_TIMEOUT", "30");
  EXPECT_EQ(settings().limits.connect, 2500ms);
  EXPECT_EQ(settings().limits.attempt, 30s);
  EXPECT_EQ(settings().limits.overall, 30s);
}

TEST_F(SettingsTest, IgnoresInvalidTimeLimits) {
  for (const char* value : {"", "abc", "0", "-1", "1s", " 1", "1,5", "nan", "inf", "1e400", "86401", "0x10"}) {
    set("CURL_TIMEOUT", value);
    set("CURL_CONNECT_TIMEOUT", value);
    EXPECT_EQ(settings().limits.attempt, 60s) << value;
    EXPECT_EQ(settings().limits.connect, 5s) << value;
  }
}

TEST_F(SettingsTest, ReadsTrustRootsFromTheEnvironment) {
  set("SSL_CERT_FILE", "/own.pem");
  set("SSL_CERT_DIR", "/own");
  EXPECT_EQ(settings().trust_roots.file, "/own.pem");
  EXPECT_EQ(settings().trust_roots.directories, "/own");
}

TEST_F(SettingsTest, ReadsProxies) {
  put("https_proxy", "proxy-1:3128\n");
  put("http_proxy", "proxy-2:3128");
  put("no_proxy", "localhost,.internal");
  const ProxySettings proxies = settings().proxies;
  EXPECT_EQ(proxies.for_https, "proxy-1:3128");
  EXPECT_EQ(proxies.for_http, "proxy-2:3128");
  EXPECT_EQ(proxies.exceptions, "localhost,.internal");
}

TEST_F(SettingsTest, PrefersTheLowerCaseProxyName) {
  put("HTTPS_PROXY", "upper");
  set("https_proxy", "lower");
  EXPECT_EQ(settings().proxies.for_https, "lower");
}

TEST_F(SettingsTest, UsesTheProxyForAllByDefault) {
  put("ALL_PROXY", "for-all");
  EXPECT_EQ(settings().proxies.for_https, "for-all");
  EXPECT_EQ(settings().proxies.for_http, "for-all");
}

// CVE-2016-5385: a web server sets it from a request header.
TEST_F(SettingsTest, NeverReadsTheUpperCaseHttpProxy) {
  put("HTTP_PROXY", "evil");
  set("HTTP_PROXY", "evil");
  EXPECT_EQ(settings().proxies.for_http, "");
}

class AppLinkSettingsTest : public SettingsTest {
 protected:
  AppLinkSettingsTest() { product_ = Product::applink; }
  Reason reason() { return read().failure().reason; }
};

TEST_F(AppLinkSettingsTest, HasDefaultsForEverything) {
  const ReleaseRequest release = settings().release;
  EXPECT_EQ(release.product, Product::applink);
  EXPECT_EQ(release.bucket.name, "heroku-applink-service-mesh-binaries");
  EXPECT_EQ(release.bucket.region, "us-east-1");
  EXPECT_EQ(release.source(), "s3");
  EXPECT_THAT(release.trust.fingerprints, IsEmpty());
}

TEST_F(AppLinkSettingsTest, UsesTheProductsOwnConfigVars) {
  put("HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION", "../nonsense");
  put("HEROKU_APPLINK_SERVICE_MESH_RELEASE_VERSION", "1.0.0");
  put("HEROKU_APPLINK_SERVICE_MESH_S3_BUCKET", "my.bucket-1");
  put("HEROKU_APPLINK_SERVICE_MESH_S3_REGION", "eu-west-1");
  const ReleaseRequest release = settings().release;
  EXPECT_THAT(release.version.tags, ElementsAre("v1.0.0", "1.0.0"));
  EXPECT_EQ(release.bucket.name, "my.bucket-1");
  EXPECT_EQ(release.bucket.region, "eu-west-1");
}

TEST_F(AppLinkSettingsTest, RejectsInvalidBucketNames) {
  for (const std::string& bucket : {std::string("ab"), std::string("A-b-c"), std::string("a..b"), std::string("-abc"),
                                    std::string("abc-"), std::string("a/b"), std::string("a_bc"), std::string(64, 'a')}) {
    put("HEROKU_APPLINK_SERVICE_MESH_S3_BUCKET", bucket);
    EXPECT_EQ(reason(), Reason::config_invalid_bucket) << bucket;
  }
}

TEST_F(AppLinkSettingsTest, RejectsInvalidRegions) {
  for (const char* region : {"x", "EU-WEST-1", "a.b.c", "eu/west", "-eu-", "evil.example#"}) {
    put("HEROKU_APPLINK_SERVICE_MESH_S3_REGION", region);
    EXPECT_EQ(reason(), Reason::config_invalid_bucket) << region;
  }
}

TEST_F(AppLinkSettingsTest, RejectsAMirrorWithABucket) {
  put("HEROKU_APPLINK_SERVICE_MESH_BASE_URL", "https://mirror.example");
  EXPECT_EQ(settings().release.source(), "mirror");
  put("HEROKU_APPLINK_SERVICE_MESH_S3_REGION", "eu-west-1");
  EXPECT_EQ(reason(), Reason::config_conflicting);
}

TEST_F(AppLinkSettingsTest, AcceptsFingerprints) {
  put("HEROKU_APPLINK_SERVICE_MESH_PUBLIC_KEY_FINGERPRINT", " 0x" + std::string(40, 'a') + ",\n" + std::string(64, '1'));
  EXPECT_THAT(settings().release.trust.fingerprints, ElementsAre(std::string(40, 'A'), std::string(64, '1')));
}

TEST_F(AppLinkSettingsTest, RejectsInvalidFingerprints) {
  for (const std::string& value : {std::string("DEADBEEF"), std::string(39, 'A'), std::string(40, 'G'),
                                   std::string(40, 'A') + ",", std::string(40, 'A') + " " + std::string(40, 'B')}) {
    put("HEROKU_APPLINK_SERVICE_MESH_PUBLIC_KEY_FINGERPRINT", value);
    EXPECT_EQ(reason(), Reason::config_invalid_fingerprint) << value;
  }
}

TEST_F(SettingsTest, NeverShowsAToken) {
  put(kPrefix + "GITHUB_TOKEN", "ghp_secret\n");
  EXPECT_EQ(settings().release.repository.token, "ghp_secret");
  put(kPrefix + "GITHUB_TOKEN", "ghp_\nsecret: x");
  EXPECT_EQ(read().failure().reason, Reason::config_invalid_token);
  EXPECT_THAT(read().failure().detail, Not(HasSubstr("secret")));
}

TEST_F(SettingsTest, ReadsTheProduct) {
  const auto product = [&] { return read_product(ConfigVars("/env", Environment(variables_), files_)); };
  EXPECT_EQ(*product(), std::nullopt);
  put("HEROKU_SERVICE_MESH_PRODUCT", " AppLink\n");
  EXPECT_EQ(*product(), Product::applink);
  put("HEROKU_SERVICE_MESH_PRODUCT", "mulesoft");
  EXPECT_EQ(product().failure().reason, Reason::config_invalid_product);
}

}  // namespace
}  // namespace mesh::buildpack
