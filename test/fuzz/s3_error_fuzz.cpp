#include "buildpack/release/s3_error.h"
#include "fuzz/fuzz.h"

// Fuzzes an error response of S3.
namespace mesh::buildpack::fuzz {
namespace {

std::string document(const S3Error& error) {
  return "<Error><Code>" + error.code + "</Code><Region>" + error.region + "</Region></Error>";
}

void check(std::string_view body) {
  const auto error = parse_s3_error(body);
  if (!error) return;
  MUST(!error->code.empty());
  for (const std::string& value : {error->code, error->region}) {
    MUST(value.size() <= 64);
    MUST(text::is_alphanumeric_or(".-", value));
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
