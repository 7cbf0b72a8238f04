#include "buildpack/cnb/sbom.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/json.h"
#include "common/text.h"

namespace mesh::buildpack::cnb {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

const std::string kDigest(64, 'a');

Component integration() {
  return {.product = Product::integration,
          .version = "v0.1.2",
          .arch = "amd64",
          .sha256 = *Sha256::parse(kDigest),
          .bytes = 941'688,
          .source = "https://github.com/Heroku/heroku-integration-service-mesh/releases/download/v0.1.2/x.tar.gz",
          .supplier = "Heroku"};
}

Component applink() {
  return {.product = Product::applink,
          .version = "1.2.3+b 4",
          .arch = "arm64",
          .sha256 = *Sha256::parse(kDigest),
          .bytes = 12,
          .source = "https://bucket.s3.amazonaws.com/heroku-applink-service-mesh-1.2.3-arm64",
          .supplier = "Heroku"};
}

Json cyclonedx(const Component& component) { return parse_json(cyclonedx_json(component)).value_or(Json()); }
Json spdx(const Component& component) { return parse_json(spdx_json(component)).value_or(Json()); }

TEST(PackageUrl, NamesTheRepositoryOfARelease) {
  EXPECT_EQ(package_url(integration()), "pkg:github/heroku/heroku-integration-service-mesh@v0.1.2");
  Component mirrored = integration();
  mirrored.source = "https://mirror.example/base/acme/mesh/releases/download/v0.1.2/x.tar.gz";
  EXPECT_EQ(package_url(mirrored), "pkg:github/acme/mesh@v0.1.2");
}

TEST(PackageUrl, NamesAnyOtherBinaryWithItsDigest) {
  EXPECT_EQ(package_url(applink()),
            "pkg:generic/heroku-applink-service-mesh@1.2.3%2Bb%204?arch=arm64&checksum=sha256:" + kDigest +
                "&download_url=https:%2F%2Fbucket.s3.amazonaws.com%2Fheroku-applink-service-mesh-1.2.3-"
                "arm64");
  for (const char* source : {"https://mirror.example/x.tar.gz", "https://releases/releases/x", "https://a/releases/x", ""}) {
    Component elsewhere = integration();
    elsewhere.source = source;
    EXPECT_EQ(package_url(elsewhere),
              "pkg:generic/heroku-integration-service-mesh@v0.1.2?arch=amd64&checksum=sha256:" + kDigest)
        << source;
  }
}

TEST(PackageUrl, LeavesAnUnknownVersionOut) {
  Component component = integration();
  component.version = "";
  EXPECT_EQ(package_url(component), "pkg:github/heroku/heroku-integration-service-mesh");
  component = applink();
  component.version = "";
  EXPECT_THAT(package_url(component), HasSubstr("pkg:generic/heroku-applink-service-mesh?arch="));
}

TEST(CycloneDx, DescribesTheBinary) {
  const Json json = cyclonedx(integration());
  EXPECT_EQ(json["bomFormat"], "CycloneDX");
  EXPECT_EQ(json["specVersion"], "1.5");
  EXPECT_THAT(json["serialNumber"].get<std::string>(),
              MatchesRegex("urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  const Json& component = json["components"].at(0);
  EXPECT_EQ(component["name"], "heroku-integration-service-mesh");
  EXPECT_EQ(component["version"], "v0.1.2");
  EXPECT_EQ(component["purl"], package_url(integration()));
  EXPECT_EQ(component["hashes"], Json::array({{{"alg", "SHA-256"}, {"content", kDigest}}}));
  EXPECT_EQ(component["supplier"]["name"], "Heroku");
  EXPECT_EQ(component["externalReferences"].at(0)["url"], integration().source);
}

TEST(Spdx, DescribesTheBinary) {
  const Json json = spdx(applink());
  EXPECT_EQ(json["spdxVersion"], "SPDX-2.3");
  EXPECT_EQ(json["creationInfo"]["created"], "1980-01-01T00:00:01Z");
  const Json& package = json["packages"].at(0);
  EXPECT_EQ(package["name"], "heroku-applink-service-mesh");
  EXPECT_EQ(package["versionInfo"], "1.2.3+b 4");
  EXPECT_EQ(package["downloadLocation"], applink().source);
  EXPECT_EQ(package["checksums"], Json::array({{{"algorithm", "SHA256"}, {"checksumValue", kDigest}}}));
  EXPECT_EQ(package["supplier"], "Organization: Heroku");
  EXPECT_EQ(package["externalRefs"].at(0)["referenceLocator"], package_url(applink()));
  EXPECT_EQ(json["relationships"].at(0)["relatedSpdxElement"], package["SPDXID"]);
}

TEST(Sbom, LeavesOutUnknownValues) {
  Component component = applink();
  component.version = component.source = component.supplier = "";
  const Json one = cyclonedx(component)["components"].at(0);
  EXPECT_FALSE(one.contains("version") || one.contains("supplier") || one.contains("externalReferences"));
  const Json package = spdx(component)["packages"].at(0);
  EXPECT_FALSE(package.contains("versionInfo"));
  EXPECT_EQ(package["supplier"], "NOASSERTION");
  EXPECT_EQ(package["downloadLocation"], "NOASSERTION");
}

TEST(Sbom, ContainsNoSecretAndNoPathOfTheMachine) {
  Component component = applink();
  for (const char* source : {"https://user:secret@host/secret-free?token=secret#secret", "file:///home/secret/x",
                             "https://host/<secret>", "secret"}) {
    component.source = source;
    for (const std::string& text : {package_url(component), cyclonedx_json(component), spdx_json(component)}) {
      EXPECT_THAT(text, AllOf(Not(HasSubstr("secret@")), Not(HasSubstr("=secret")), Not(HasSubstr("/secret/")),
                              Not(HasSubstr("#secret")), Not(HasSubstr("<")), Not(HasSubstr("\"secret\""))))
          << source;
    }
  }
}

TEST(Sbom, DependsOnlyOnTheComponent) {
  EXPECT_EQ(cyclonedx_json(applink()), cyclonedx_json(applink()));
  EXPECT_EQ(spdx_json(applink()), spdx_json(applink()));
  Component changed = applink();
  changed.version = "1.2.4";
  EXPECT_NE(cyclonedx(changed)["serialNumber"], cyclonedx(applink())["serialNumber"]);
  EXPECT_NE(spdx(changed)["documentNamespace"], spdx(applink())["documentNamespace"]);
}

TEST(Sbom, IsValidUtf8ForAnyVersion) {
  Component component = integration();
  component.version = "v\xFF\"\\\n";
  for (const std::string& text : {cyclonedx_json(component), spdx_json(component)}) {
    EXPECT_EQ(text::valid_utf8(text), text);
    EXPECT_TRUE(parse_json(text));
  }
}

TEST(Sbom, FilesAreNamedAfterALayerWithoutDots) {
  EXPECT_EQ(kCycloneDxFile.substr(0, kCycloneDxFile.find('.')), "service-mesh");
  EXPECT_EQ(kSpdxFile.substr(0, kSpdxFile.find('.')), "service-mesh");
}

}  // namespace
}  // namespace mesh::buildpack::cnb
