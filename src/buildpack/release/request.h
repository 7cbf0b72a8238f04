#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/base/architecture.h"
#include "buildpack/base/product.h"
#include "common/digest.h"
#include "platform/url.h"

namespace mesh::buildpack {

// The requested release: the latest, or one by its tag.
struct RequestedVersion {
  std::string text = "latest";         // the trimmed config var
  std::vector<std::string> tags = {};  // the spellings to try, in this order; empty for the latest

  bool is_latest() const { return tags.empty(); }
};

// Parses "latest", "v0.1.2", "0.1.2" or another tag. Ignores surrounding spaces and one pair of quotes. The first tag has a
// "v", the second does not, regardless of the spelling in the text. Returns nullopt for a malformed version.
std::optional<RequestedVersion> parse_version(std::string_view);

// Returns whether a text is a valid tag: letters, digits and ". _ + -", beginning with a letter or a digit.
bool is_tag(std::string_view);

// A repository on GitHub, or on a mirror with the same layout.
struct Repository {
  std::string owner = "heroku";
  std::string project = "heroku-integration-service-mesh";
  std::optional<Url> api = {};            // of GitHub or its replacement; nullopt for a mirror without an API
  std::optional<std::string> token = {};  // sent only to the API; never printed
};

// A bucket of Amazon S3.
struct Bucket {
  std::string name = "heroku-applink-service-mesh-binaries";
  std::string region = "us-east-1";
};

// The digest and keys that the settings pin.
struct TrustSettings {
  std::optional<Sha256> pin = {};              // of the downloaded file
  std::vector<std::string> fingerprints = {};  // of signing keys, upper-case; if empty, the inventory's keys apply
};

// The release to install, and its origin.
struct ReleaseRequest {
  Product product = Product::integration;
  Architecture architecture = kArchitecture;  // of the machines that will run the app
  RequestedVersion version = {};
  std::optional<Url> mirror = {};  // replaces https://github.com or the bucket's URL
  Repository repository = {};      // for the Integration mesh
  Bucket bucket = {};              // for the AppLink mesh
  TrustSettings trust = {};

  // Returns the value of the report's service_mesh_source: github, s3, mirror, file.
  std::string_view source() const;
};

// Returns whether the text has the form of an AWS region name, such as "eu-west-1".
bool is_region(std::string_view);

}  // namespace mesh::buildpack
