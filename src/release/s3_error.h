#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mesh {

// What S3 says of an error (Amazon S3 API, "Error responses"), as far as this buildpack needs it. One printable line each,
// clipped; empty where it was not said.
struct S3Error {
  std::string code;  // "AccessDenied"
  std::string message;
  std::string endpoint;  // where the bucket is instead
  std::string region;
};

// Nothing for anything but a whole XML document whose root is <Error>. Takes any bytes. An XML library would be too much for
// this one shape: elements below the root with text in them; others are passed over, and a document type is refused.
std::optional<S3Error> parse_s3_error(std::string_view body);

}  // namespace mesh
