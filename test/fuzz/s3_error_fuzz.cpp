#include "buildpack/release/s3_error.h"
#include "fuzz/fuzz.h"

// What S3 says of an error.
namespace mesh::buildpack::fuzz {
namespace {

std::string escaped(std::string_view value) {
  std::string result;
  for (const char c : value) {
    if (c == '<' || c == '&') {
      result += "&#" + std::to_string(static_cast<int>(c)) + ";";
    } else {
      result += c;
    }
  }
  return result;
}

std::string document(const S3Error& error) {
  return "<Error><Code>" + escaped(error.code) + "</Code><Message>" + escaped(error.message) + "</Message><Endpoint>" +
         escaped(error.endpoint) + "</Endpoint><Region>" + escaped(error.region) + "</Region><Bucket>" +
         escaped(error.bucket) + "</Bucket></Error>";
}

void check(std::string_view body) {
  const auto error = parse_s3_error(body);
  if (!error) return;
  MUST(!error->code.empty());
  for (const std::string& value : {error->code, error->message, error->endpoint, error->region, error->bucket}) {
    MUST(value.size() <= 256);
    MUST(is_printable_line(value));
    MUST(text::trim(value) == value);
  }
  MUST(parse_s3_error(document(*error)) == error);
  MUST(!parse_s3_error(body.substr(0, body.rfind('>'))));
}

}  // namespace
}  // namespace mesh::buildpack::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mesh::buildpack::fuzz::check(mesh::buildpack::fuzz::as_text(data, size));
  return 0;
}
