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

// Which release is asked for: the latest, or one by its tag.
struct RequestedVersion {
  std::string text = "latest";         // as the user wrote it, trimmed
  std::vector<std::string> tags = {};  // the spellings to try in this order; none for the latest

  bool is_latest() const { return tags.empty(); }
};

// "latest", "v0.1.2", "0.1.2" or another tag; blanks and one pair of quotes around it do not count. Without a "v" the
// spelling with one is tried first; with one, the other comes second.
std::optional<RequestedVersion> parse_version(std::string_view);

// Whether a text can be the tag of a release here: letters, digits and ". _ + -", not starting with a mark.
bool is_tag(std::string_view);

// A repository on GitHub, or on a mirror that is laid out like it.
struct Repository {
  std::string owner = "heroku";
  std::string project = "heroku-integration-service-mesh";
  std::optional<Url> api = {};            // stands for https://api.github.com; none where a mirror without one was named
  std::optional<std::string> token = {};  // for the API alone; never told
};

// A bucket of Amazon S3.
struct Bucket {
  std::string name = "heroku-applink-service-mesh-binaries";
  std::string region = "us-east-1";
};

// How the settings say what may be trusted.
struct TrustSettings {
  std::optional<Sha256> pin = {};              // of the file that is downloaded
  std::vector<std::string> fingerprints = {};  // of signing keys, upper-case; none: those that the buildpack knows
};

// The release that the app's settings ask for, and where it is to come from.
struct ReleaseRequest {
  Product product = Product::integration;
  Architecture architecture = kArchitecture;  // of the machines that the app will run on
  RequestedVersion version = {};
  std::optional<Url> mirror = {};  // stands for https://github.com, or for the bucket's address
  Repository repository = {};      // of the integration product
  Bucket bucket = {};              // of the AppLink product
  TrustSettings trust = {};

  // The report's service_mesh_source: github, s3, mirror, file.
  std::string_view source() const;
};

// Whether this can be the name of a region of Amazon's: "eu-west-1".
bool is_region(std::string_view);

}  // namespace mesh::buildpack
