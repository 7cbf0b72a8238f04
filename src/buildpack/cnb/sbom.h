#pragma once

#include <string>
#include <string_view>

#include "buildpack/cnb/component.h"

// SBOMs of the layer with the mesh. They depend only on the component, not on time or randomness, so that builds that
// install the same mesh give the same image. Strings are valid UTF-8.
namespace mesh::buildpack::cnb {

// Files beside the layer. The part before the first dot is the layer's name (spec, buildpack.md,
// "Software-Bill-of-Materials").
inline constexpr std::string_view kCycloneDxFile = "service-mesh.sbom.cdx.json";
inline constexpr std::string_view kSpdxFile = "service-mesh.sbom.spdx.json";

// Returns the package URL of the component (purl, ECMA-427). A mesh binary of a GitHub release, or of a mirror with GitHub's
// layout, belongs to that repository: pkg:github/heroku/heroku-integration-service-mesh@v0.1.2. Any other has a generic one:
// pkg:generic/heroku-applink-service-mesh@1.2.3?arch=amd64&checksum=sha256:...&download_url=...
std::string package_url(const Component&);

// Returns CycloneDX 1.5. The serial number comes from the digest of the rest.
std::string cyclonedx_json(const Component&);

// Returns SPDX 2.3. Its creation time is the one that the lifecycle gives to every file of an image (1980-01-01T00:00:01Z),
// because a real one would change the image in each build.
std::string spdx_json(const Component&);

}  // namespace mesh::buildpack::cnb
