#pragma once

#include <string>
#include <string_view>

#include "buildpack/cnb/component.h"

// Bills of materials for the layer that holds the mesh. They depend on the component alone, on no clock and no chance: a
// build that installs the same gives the same image. Strings are valid UTF-8.
namespace mesh::buildpack::cnb {

// Beside the layer; what stands before the first dot is its name (spec, buildpack.md, "Software-Bill-of-Materials").
inline constexpr std::string_view kCycloneDxFile = "service-mesh.sbom.cdx.json";
inline constexpr std::string_view kSpdxFile = "service-mesh.sbom.spdx.json";

// The component's address among packages (purl, ECMA-427). A program of a GitHub release, or of a mirror that is laid out as
// GitHub is, belongs to that repository: pkg:github/heroku/heroku-integration-service-mesh@v0.1.2. Any other is named with
// what it is: pkg:generic/heroku-applink-service-mesh@1.2.3?arch=amd64&checksum=sha256:...&download_url=...
std::string package_url(const Component&);

// CycloneDX 1.5. The serial number is taken from the digest of all else in it.
std::string cyclonedx_json(const Component&);

// SPDX 2.3, made in the second that the lifecycle gives to every file of an image (1980-01-01T00:00:01Z), for one that
// changes would make each build another.
std::string spdx_json(const Component&);

}  // namespace mesh::buildpack::cnb
