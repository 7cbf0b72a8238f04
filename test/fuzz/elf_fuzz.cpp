#include <elf.h>

#include "buildpack/install/inspect.h"
#include "fuzz/fuzz.h"
#include "support/cpp/memory_files.h"

// Fuzzes a downloaded binary, on a machine whose C library is the same file.
namespace mesh::buildpack::fuzz {
namespace {

void check(std::string_view content) {
  MemoryFiles files;
  files.put_file("/binary", std::string(content));
  files.put_file("/lib64/libc.so.6", std::string(content));
  files.put_file("/lib64/ld-linux-x86-64.so.2", "");
  const auto result = inspect("/binary", kArchitecture, files);
  MUST(files.content("/binary") == content);
  if (result) {
    MUST(content.size() >= sizeof(Elf64_Ehdr) && content.starts_with(ELFMAG));
  } else {
    MUST(area(result.failure()) == "binary");
    MUST(is_printable_line(result.failure().detail));
    MUST(result.failure().detail.size() <= 1000);
  }
}

}  // namespace
}  // namespace mesh::buildpack::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mesh::buildpack::fuzz::check(mesh::buildpack::fuzz::as_text(data, size));
  return 0;
}
