#include "buildpack/base/fingerprint.h"
#include "buildpack/release/inventory.h"
#include "fuzz/fuzz.h"
#include "support/cpp/memory_files.h"

// Fuzzes the inventory of releases and keys.
namespace mesh::buildpack::fuzz {
namespace {

constexpr std::string_view kSecret = "not a key";

void check(std::string_view json) {
  MemoryFiles files;
  files.put_file("/b/inventory/service-mesh.json", std::string(json));
  files.put_file("/b/inventory/key.asc", "key");
  files.put_file("/b/inventory/keys/key.asc", "key");
  files.put_file("/b/outside", std::string(kSecret));
  files.put_file("/outside", std::string(kSecret));
  const auto inventory = read_inventory("/b", files);
  if (!inventory) {
    MUST(inventory.failure().reason == Reason::platform_inventory);
    return;
  }
  for (const KnownArtifact& known : inventory->artifacts) {
    MUST(inventory->digest(known.product, known.version, known.arch));
    MUST(inventory->find(known.product, known.arch, known.sha256) != nullptr);
  }
  for (const SigningKey& key : inventory->signing_keys) {
    MUST(parse_fingerprint(key.fingerprint) == key.fingerprint);
    MUST(key.public_key != kSecret);
  }
}

}  // namespace
}  // namespace mesh::buildpack::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mesh::buildpack::fuzz::check(mesh::buildpack::fuzz::as_text(data, size));
  return 0;
}
