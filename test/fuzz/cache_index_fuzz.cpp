#include "buildpack/cedar/cache_index.h"
#include "fuzz/fuzz.h"

// Fuzzes the cache's index.
namespace mesh::buildpack::fuzz {
namespace {

bool is_same(const CachedBinary& a, const CachedBinary& b) {
  return a.key == b.key && a.version == b.version && a.url == b.url && a.validator == b.validator &&
         a.downloaded == b.downloaded && a.sha256 == b.sha256 && a.bytes == b.bytes && a.verified_by == b.verified_by &&
         a.fingerprint == b.fingerprint;
}

void check(std::string_view json) {
  const auto binaries = parse_cache_index(json);
  const auto again = parse_cache_index(serialize(binaries));
  MUST(again.size() == binaries.size());
  for (std::size_t i = 0; i < binaries.size(); ++i) {
    MUST(binaries[i].bytes > 0);
    MUST(is_same(binaries[i], again[i]));
  }
}

}  // namespace
}  // namespace mesh::buildpack::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mesh::buildpack::fuzz::check(mesh::buildpack::fuzz::as_text(data, size));
  return 0;
}
