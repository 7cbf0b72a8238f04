#pragma once

#include <elf.h>

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "buildpack/base/failure.h"
#include "platform/files.h"

namespace mesh::buildpack {

// A version of the GNU C library, from a symbol version: "GLIBC_2.34".
struct GlibcVersion {
  int major = 0;
  int minor = 0;
  int patch = 0;

  auto operator<=>(const GlibcVersion&) const = default;  // NOLINT(modernize-use-nullptr): it means the arrow
  std::string text() const;                               // "2.34"
};

// Returns nullopt for other names, such as GLIBC_PRIVATE.
std::optional<GlibcVersion> parse_glibc_version(std::string_view name);

// Reads a 64-bit little-endian ELF file (System V ABI, "Object Files"; Linux Standard Base, "Symbol Versioning"). Uses only
// the program headers, because sections may have been stripped. Limits the work for untrusted input. Failures:
// binary::wrong-format for a malformed file, and those of reading.
class ElfFile {
 public:
  // Reads the program headers. Takes a file whose header was already checked.
  static Result<ElfFile> open(std::unique_ptr<InputFile>, const Elf64_Ehdr& header);

  // Returns the dynamic loader (PT_INTERP); nullopt for a static binary.
  Result<std::optional<std::string>> interpreter() const;

  // Returns the highest version of the C library among the needed symbols; nullopt without such symbols.
  Result<std::optional<GlibcVersion>> needed_glibc() const;

  // Returns the highest version that the file defines, for the C library itself.
  Result<std::optional<GlibcVersion>> defined_glibc() const;

 private:
  struct Dynamic {
    std::optional<std::uint64_t> strings = {};  // addresses
    std::uint64_t string_bytes = 0;
    std::optional<std::uint64_t> needed = {};
    std::uint64_t needed_count = 0;
    std::optional<std::uint64_t> defined = {};
    std::uint64_t defined_count = 0;
  };

  ElfFile(std::unique_ptr<InputFile> file, const Elf64_Ehdr& header) : file_(std::move(file)), header_(header) {}

  Result<void> read_segments();
  Result<Dynamic> dynamic() const;
  Result<std::uint64_t> offset_of(std::uint64_t address) const;
  Result<std::string> string_at(const Dynamic&, std::uint64_t index) const;
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> buffer) const;
  template <class T>
  Result<T> read(std::uint64_t offset) const;

  std::unique_ptr<InputFile> file_;
  Elf64_Ehdr header_;
  std::vector<Elf64_Phdr> segments_;
};

}  // namespace mesh::buildpack
