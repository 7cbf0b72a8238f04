#include "platform/trust_roots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/cpp/memory_files.h"

namespace mesh {
namespace {

constexpr const char* kPem = "-----BEGIN CERTIFICATE-----";

TEST(TrustRoots, PrefersAHashedDirectoryToABundle) {
  MemoryFiles files;
  files.put_file("/etc/ssl/certs/ca-certificates.crt", "-----BEGIN CERTIFICATE-----\n");
  files.put_link("/etc/ssl/certs/5ed36f99.0", "some.pem");
  const TrustRoots roots = find_trust_roots({}, files);
  EXPECT_EQ(roots.directories, "/etc/ssl/certs");
  EXPECT_EQ(roots.file, "");
}

TEST(TrustRoots, UsesTheBundleWhenTheDirectoryIsNotHashed) {
  MemoryFiles files;
  files.put_file("/etc/ssl/certs/ca-certificates.crt", "-----BEGIN CERTIFICATE-----\n");
  files.put_file("/etc/ssl/certs/some.pem", "-----BEGIN CERTIFICATE-----\n");
  const TrustRoots roots = find_trust_roots({}, files);
  EXPECT_EQ(roots.directories, "");
  EXPECT_EQ(roots.file, "/etc/ssl/certs/ca-certificates.crt");
}

TEST(TrustRoots, SearchesThePathsOfEachDistribution) {
  for (const char* bundle :
       {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem"}) {
    MemoryFiles files;
    files.put_file(bundle, "-----BEGIN CERTIFICATE-----\n");
    EXPECT_EQ(find_trust_roots({}, files).file, bundle);
  }
}

TEST(TrustRoots, AreEmptyWithoutCertificates) {
  MemoryFiles files;
  EXPECT_TRUE(find_trust_roots({}, files).empty());
}

TEST(TrustRoots, UsesTheConfiguredFile) {
  MemoryFiles files;
  files.put_file("/etc/ssl/certs/ca-certificates.crt", "-----BEGIN CERTIFICATE-----\n");
  files.put_file("/own.pem", "-----BEGIN CERTIFICATE-----\n");
  EXPECT_EQ(find_trust_roots({.file = "/own.pem"}, files).file, "/own.pem");
}

TEST(TrustRoots, UsesTheSystemDirectoryBesideTheConfiguredFile) {
  MemoryFiles files;
  files.put_file("/etc/ssl/certs/5ed36f99.0", "-----BEGIN CERTIFICATE-----\n");
  files.put_file("/own.pem", "-----BEGIN CERTIFICATE-----\n");
  const TrustRoots roots = find_trust_roots({.file = "/own.pem"}, files);
  EXPECT_EQ(roots.file, "/own.pem");
  EXPECT_EQ(roots.directories, "/etc/ssl/certs");
}

TEST(TrustRoots, IgnoresAMissingFile) {
  MemoryFiles files;
  files.put_file("/etc/ssl/certs/ca-certificates.crt", "-----BEGIN CERTIFICATE-----\n");
  EXPECT_EQ(find_trust_roots({.file = "/nothing.pem"}, files).file, "/etc/ssl/certs/ca-certificates.crt");
  EXPECT_EQ(find_trust_roots({.file = ""}, files).file, "/etc/ssl/certs/ca-certificates.crt");
}

TEST(TrustRoots, IgnoresAFileWithoutCertificates) {
  MemoryFiles files;
  files.put_file("/etc/ssl/certs/ca-certificates.crt", kPem);
  files.put_file("/own.pem", "words");
  const TrustRoots roots = find_trust_roots({.file = "/own.pem"}, files);
  EXPECT_EQ(roots.file, "/etc/ssl/certs/ca-certificates.crt");
  EXPECT_EQ(roots.unusable, std::vector<std::string>{"SSL_CERT_FILE=/own.pem"});
}

TEST(TrustRoots, UsesTheExistingConfiguredDirectories) {
  MemoryFiles files;
  files.put_file("/etc/ssl/certs/5ed36f99.0", "-----BEGIN CERTIFICATE-----\n");
  files.put_file("/one/0123abcd.0", "-----BEGIN CERTIFICATE-----\n");
  files.put_file("/two/89abcdef.12", "-----BEGIN CERTIFICATE-----\n");
  EXPECT_EQ(find_trust_roots({.directories = "/one:/nothing::/two"}, files).directories, "/one:/two");
}

TEST(TrustRoots, FallsBackToTheSystemDirectory) {
  MemoryFiles files;
  files.put_file("/etc/ssl/certs/5ed36f99.0", "-----BEGIN CERTIFICATE-----\n");
  EXPECT_EQ(find_trust_roots({.directories = "/nothing"}, files).directories, "/etc/ssl/certs");
}

TEST(TrustRoots, ListsUnusableSettings) {
  MemoryFiles files;
  files.put_file("/etc/ssl/certs/5ed36f99.0", "-----BEGIN CERTIFICATE-----\n");
  files.put_file("/etc/hostname", "a-machine\n");
  const TrustRoots roots = find_trust_roots({.file = "/etc/hostname", .directories = "/nothing"}, files);
  EXPECT_THAT(roots.unusable, testing::ElementsAre("SSL_CERT_DIR=/nothing", "SSL_CERT_FILE=/etc/hostname"));
  EXPECT_EQ(roots.file, "");
  EXPECT_EQ(roots.directories, "/etc/ssl/certs");
  EXPECT_TRUE(find_trust_roots({}, files).unusable.empty());
}

TEST(TrustRoots, TreatsOnlyHashNamesAsHashed) {
  for (const char* name :
       {"5ed36f9.0", "5ed36f99", "5ed36f99.", "5ED36F99.0", "5ed36f99.pem", "g0d36f99.0", "5ed36f99.r0"}) {
    MemoryFiles files;
    files.put_file(Path("/etc/ssl/certs") / name, "-----BEGIN CERTIFICATE-----\n");
    EXPECT_TRUE(find_trust_roots({}, files).directories.empty()) << name;
  }
}

}  // namespace
}  // namespace mesh
