#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mesh::buildpack {

// The cause of a rejected request (Amazon S3 API, "REST error responses"): letters, digits, hyphens and dots, at most 64
// bytes each.
struct S3Error {
  std::string code = {};    // "AccessDenied"; never empty
  std::string region = {};  // "eu-west-1", of the bucket; empty if the response does not name it

  bool operator==(const S3Error&) const = default;
};

// Parses the XML body of an error: <Error><Code>...</Code>...</Error>. Accepts untrusted input. Returns nullopt for any
// other or truncated document, for one with a document type, and for one larger than 64 KiB.
std::optional<S3Error> parse_s3_error(std::string_view body);

}  // namespace mesh::buildpack
