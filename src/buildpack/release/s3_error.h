#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mesh::buildpack {

// The cause that S3 gives for refusing a request (Amazon S3 API, "REST error responses"): letters, digits, hyphens and dots,
// at most 64 bytes each.
struct S3Error {
  std::string code = {};    // "AccessDenied"; never empty
  std::string region = {};  // "eu-west-1", where the bucket is; empty if the answer does not name it

  bool operator==(const S3Error&) const = default;
};

// Parses the XML that comes with an error: <Error><Code>...</Code>...</Error>. Takes any bytes; returns nullopt for anything
// else, for an answer that is cut off, for one with a document type, and for one beyond 64 KiB.
std::optional<S3Error> parse_s3_error(std::string_view body);

}  // namespace mesh::buildpack
