#include "buildpack/cnb/sbom.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "common/json.h"
#include "common/text.h"

namespace mesh::buildpack::cnb {
namespace {

constexpr std::string_view kUnknown = "NOASSERTION";
constexpr std::string_view kTool = "heroku-service-mesh-buildpack";

bool is_unreserved(char c) {
  return text::is_alphanumeric(c) || std::string_view(".-_~:").find(c) != std::string_view::npos;
}

// ECMA-427, 5.4: a colon stays as it is.
std::string percent_encoded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    result += is_unreserved(c) ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

// Returns the source for an SBOM: without secrets; nullopt for a path of this machine or anything else but a web address.
std::optional<std::string> public_source(const Component& component) {
  const std::string source = text::redact(component.source);
  if (!source.starts_with("https://") && !source.starts_with("http://")) return std::nullopt;
  const bool plain = std::ranges::all_of(source, [](char c) {
    return c > ' ' && c <= '~' && std::string_view("<>\"\\^`{|}#?").find(c) == std::string_view::npos;
  });
  return plain ? std::optional(source) : std::nullopt;
}

// Returns "heroku/heroku-integration-service-mesh" for an address .../<owner>/<project>/releases/...
std::optional<std::string> repository_of(const Component& component) {
  const auto source = public_source(component);
  if (component.product != Product::integration || !source) return std::nullopt;
  const auto parts = text::split(*source, '/');
  const auto releases = std::ranges::find(parts, "releases");
  // "https:", "" and the host come first.
  if (releases == parts.end() || releases - parts.begin() < 5) return std::nullopt;
  const std::string_view owner = *(releases - 2);
  const std::string_view project = *(releases - 1);
  if (owner.empty() || project.empty()) return std::nullopt;
  return percent_encoded(text::lower(owner)) + "/" + percent_encoded(text::lower(project));
}

std::string version_part(const Component& component) {
  return component.version.empty() ? "" : "@" + percent_encoded(text::valid_utf8(component.version));
}

// Returns the qualifiers sorted by name, as the standard requires. Leaves out the address of Integration's download, because
// the digest is that of the mesh binary and not of the archive.
std::string qualifiers(const Component& component) {
  std::string result = fmt::format("?arch={}&checksum=sha256:{}", percent_encoded(component.arch), component.sha256.hex());
  const auto source = public_source(component);
  if (source && component.product == Product::applink) result += "&download_url=" + percent_encoded(*source);
  return result;
}

// Returns a custom UUID (RFC 9562, version 8) from the digest of a text.
std::string uuid_of(std::string_view text) {
  Sha256Stream stream;
  stream.add(std::as_bytes(std::span(text)));
  std::string hex = stream.finish().hex();
  hex[12] = '8';
  hex[16] = "89ab"[static_cast<unsigned char>(hex[16]) % 4];
  const std::string_view digits = hex;
  return fmt::format("{}-{}-{}-{}-{}", digits.substr(0, 8), digits.substr(8, 4), digits.substr(12, 4), digits.substr(16, 4),
                     digits.substr(20, 12));
}

Json cyclonedx_component(const Component& component) {
  const std::string url = package_url(component);
  Json json = {{"type", "application"},
               {"bom-ref", url},
               {"name", program(component.product)},
               {"description", title(component.product)},
               {"purl", url},
               {"hashes", Json::array({{{"alg", "SHA-256"}, {"content", component.sha256.hex()}}})},
               {"properties",
                {{{"name", "com.heroku.service-mesh.arch"}, {"value", component.arch}},
                 {{"name", "com.heroku.service-mesh.bytes"}, {"value", std::to_string(component.bytes)}}}}};
  if (!component.version.empty()) json["version"] = component.version;
  if (!component.supplier.empty()) json["supplier"] = {{"name", component.supplier}};
  if (const auto source = public_source(component)) {
    json["externalReferences"] = Json::array({{{"type", "distribution"}, {"url", *source}}});
  }
  return json;
}

Json spdx_package(const Component& component) {
  const std::string supplier(component.supplier.empty() ? kUnknown : "Organization: " + component.supplier);
  Json json = {{"SPDXID", "SPDXRef-Package-service-mesh"},
               {"name", program(component.product)},
               {"packageFileName", program(component.product)},
               {"supplier", supplier},
               {"downloadLocation", public_source(component).value_or(std::string(kUnknown))},
               {"filesAnalyzed", false},
               {"checksums", Json::array({{{"algorithm", "SHA256"}, {"checksumValue", component.sha256.hex()}}})},
               {"licenseConcluded", kUnknown},
               {"licenseDeclared", kUnknown},
               {"copyrightText", kUnknown},
               {"comment", fmt::format("The checksum is that of the program for {}, which has {} bytes.", component.arch,
                                       component.bytes)},
               {"primaryPackagePurpose", "APPLICATION"},
               {"externalRefs", Json::array({{{"referenceCategory", "PACKAGE-MANAGER"},
                                              {"referenceType", "purl"},
                                              {"referenceLocator", package_url(component)}}})}};
  if (!component.version.empty()) json["versionInfo"] = component.version;
  return json;
}

}  // namespace

std::string package_url(const Component& component) {
  if (const auto repository = repository_of(component)) return "pkg:github/" + *repository + version_part(component);
  return fmt::format("pkg:generic/{}{}{}", program(component.product), version_part(component), qualifiers(component));
}

std::string cyclonedx_json(const Component& component) {
  Json json = {{"bomFormat", "CycloneDX"},
               {"specVersion", "1.5"},
               {"version", 1},
               {"components", Json::array({cyclonedx_component(component)})}};
  json["serialNumber"] = "urn:uuid:" + uuid_of(write_json(json));
  return write_json(json) + "\n";
}

std::string spdx_json(const Component& component) {
  Json json = {
      {"spdxVersion", "SPDX-2.3"},
      {"dataLicense", "CC0-1.0"},
      {"SPDXID", "SPDXRef-DOCUMENT"},
      {"name", program(component.product)},
      {"creationInfo", {{"created", "1980-01-01T00:00:01Z"}, {"creators", Json::array({fmt::format("Tool: {}", kTool)})}}},
      {"packages", Json::array({spdx_package(component)})},
      {"relationships", Json::array({{{"spdxElementId", "SPDXRef-DOCUMENT"},
                                      {"relationshipType", "DESCRIBES"},
                                      {"relatedSpdxElement", "SPDXRef-Package-service-mesh"}}})}};
  json["documentNamespace"] =
      fmt::format("https://spdx.org/spdxdocs/{}-{}", program(component.product), uuid_of(write_json(json)));
  return write_json(json) + "\n";
}

}  // namespace mesh::buildpack::cnb
