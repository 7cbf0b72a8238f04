#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mesh::buildpack {

// What S3 says of a request that it refuses (Amazon S3 API, "REST error responses"). Each is one printable line of at most
// 256 bytes, and empty where the answer does not have it; the code is always there.
struct S3Error {
  std::string code = {};  // "AccessDenied"
  std::string message = {};
  std::string endpoint = {};  // where the bucket is to be asked instead
  std::string region = {};
  std::string bucket = {};

  bool operator==(const S3Error&) const = default;
};

// Reads the XML that comes with an error: <Error><Code>...</Code>...</Error>. Takes any bytes; nothing for anything else,
// for an answer that is cut off, for one with a document type, and for one beyond 64 KiB.
std::optional<S3Error> parse_s3_error(std::string_view body);

}  // namespace mesh::buildpack
