#include "buildpack/release/release_json.h"
#include "fuzz/fuzz.h"

// Fuzzes a release of GitHub's API.
namespace mesh::buildpack::fuzz {
namespace {

void check(std::string_view json) {
  static const Url kApi = *Url::parse("https://api.host/repos/o/p/releases/latest");
  const auto artifact = choose_asset(json, kArchitecture, kApi);
  const auto again = choose_asset("\n " + std::string(json) + "\t", kArchitecture, kApi);
  MUST(static_cast<bool>(artifact) == static_cast<bool>(again));
  if (!artifact) {
    const Failure& failure = artifact.failure();
    MUST(area(failure) == "resolve");
    MUST(is_printable_line(failure.detail));
    MUST(again.failure().detail == failure.detail);
    return;
  }
  MUST(!artifact->tag.empty() && is_printable_line(artifact->tag));
  MUST(artifact->tag.find_first_of("/\\ ?#%") == std::string::npos);
  MUST(artifact->url.scheme() == "https");
  MUST(!has_control_characters(artifact->url.text()));
  MUST(again->url.text() == artifact->url.text() && again->tag == artifact->tag && again->digest == artifact->digest);
}

}  // namespace
}  // namespace mesh::buildpack::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mesh::buildpack::fuzz::check(mesh::buildpack::fuzz::as_text(data, size));
  return 0;
}
