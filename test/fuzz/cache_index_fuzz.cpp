#include "fuzz/fuzz.h"
#include "install/cache_index.h"

// The cache's table of contents.
namespace mesh::fuzz {
namespace {

void check(std::string_view json) {
  const auto binaries = parse_cache_index(json);
  for (const CachedBinary& binary : binaries) MUST(binary.bytes > 0);
  const std::string text = serialize(binaries);
  const auto again = parse_cache_index(text);
  MUST(again.size() == binaries.size());
  MUST(serialize(again) == text);
}

}  // namespace
}  // namespace mesh::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mesh::fuzz::check(mesh::fuzz::as_text(data, size));
  return 0;
}
