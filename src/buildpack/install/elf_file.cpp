#include "buildpack/install/elf_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>

#include "common/text.h"

namespace mesh::buildpack {
namespace {

constexpr std::size_t kMaxSegments = 64;
constexpr std::size_t kMaxDynamicEntries = 512;
constexpr std::size_t kMaxVersions = 1024;  // libc.so.6 defines some 40
constexpr std::size_t kMaxName = 256;
constexpr std::uint64_t kMaxOffset = std::uint64_t{1} << 40;  // larger than any file, and valid on every system

Failure malformed(std::string_view what) {
  return {Reason::binary_wrong_format, fmt::format("an ELF file with a malformed {}", what)};
}

std::optional<std::uint64_t> sum(std::uint64_t a, std::uint64_t b) {
  if (a > std::numeric_limits<std::uint64_t>::max() - b) return std::nullopt;
  return a + b;
}

std::optional<int> parse_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

}  // namespace

std::string GlibcVersion::text() const {
  return patch == 0 ? fmt::format("{}.{}", major, minor) : fmt::format("{}.{}.{}", major, minor, patch);
}

std::optional<GlibcVersion> parse_glibc_version(std::string_view name) {
  constexpr std::string_view kPrefix = "GLIBC_";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  const auto parts = text::split(name.substr(kPrefix.size()), '.');
  if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
  const auto major = parse_number(parts[0]);
  const auto minor = parse_number(parts[1]);
  const auto patch = parts.size() == 3 ? parse_number(parts[2]) : 0;
  if (!major || !minor || !patch) return std::nullopt;
  return GlibcVersion{*major, *minor, *patch};
}

Result<ElfFile> ElfFile::open(std::unique_ptr<InputFile> file, const Elf64_Ehdr& header) {
  ElfFile elf(std::move(file), header);
  TRY(elf.read_segments());
  return elf;
}

Result<std::size_t> ElfFile::read_at(std::uint64_t offset, std::span<std::byte> buffer) const {
  if (offset > kMaxOffset) return malformed("offset");
  return file_->read_at(offset, buffer);
}

template <class T>
Result<T> ElfFile::read(std::uint64_t offset) const {
  T value{};
  TRY_ASSIGN(const std::size_t count, read_at(offset, std::as_writable_bytes(std::span(&value, 1))));
  if (count < sizeof value) return malformed("length");
  return value;
}

Result<void> ElfFile::read_segments() {
  if (header_.e_phnum > kMaxSegments || header_.e_phentsize != sizeof(Elf64_Phdr)) return malformed("program header");
  for (std::uint64_t i = 0; i < header_.e_phnum; ++i) {
    const auto offset = sum(header_.e_phoff, i * sizeof(Elf64_Phdr));
    if (!offset) return malformed("program header");
    TRY_ASSIGN(const Elf64_Phdr segment, read<Elf64_Phdr>(*offset));
    segments_.push_back(segment);
  }
  return {};
}

Result<std::optional<std::string>> ElfFile::interpreter() const {
  const auto segment = std::ranges::find(segments_, PT_INTERP, &Elf64_Phdr::p_type);
  if (segment == segments_.end()) return std::optional<std::string>();
  if (segment->p_filesz < 2 || segment->p_filesz > kMaxName) return malformed("interpreter");
  std::string name(segment->p_filesz, '\0');
  TRY_ASSIGN(const std::size_t count, read_at(segment->p_offset, std::as_writable_bytes(std::span(name))));
  if (count < name.size() || name.find('\0') != name.size() - 1 || name.front() != '/') return malformed("interpreter");
  name.pop_back();
  return std::optional(std::move(name));
}

// Returns the file offset of the byte that is loaded at an address.
Result<std::uint64_t> ElfFile::offset_of(std::uint64_t address) const {
  for (const Elf64_Phdr& segment : segments_) {
    const bool is_inside =
        segment.p_type == PT_LOAD && address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz;
    if (!is_inside) continue;
    if (const auto offset = sum(segment.p_offset, address - segment.p_vaddr)) return *offset;
  }
  return malformed("address");
}

Result<ElfFile::Dynamic> ElfFile::dynamic() const {
  Dynamic dynamic;
  const auto segment = std::ranges::find(segments_, PT_DYNAMIC, &Elf64_Phdr::p_type);
  if (segment == segments_.end()) return dynamic;
  const std::size_t entries = std::min<std::uint64_t>(segment->p_filesz / sizeof(Elf64_Dyn), kMaxDynamicEntries);
  for (std::size_t i = 0; i < entries; ++i) {
    const auto offset = sum(segment->p_offset, i * sizeof(Elf64_Dyn));
    if (!offset) return malformed("dynamic section");
    TRY_ASSIGN(const Elf64_Dyn entry, read<Elf64_Dyn>(*offset));
    switch (entry.d_tag) {
      case DT_NULL: return dynamic;
      case DT_STRTAB: dynamic.strings = entry.d_un.d_ptr; break;
      case DT_STRSZ: dynamic.string_bytes = entry.d_un.d_val; break;
      case DT_VERNEED: dynamic.needed = entry.d_un.d_ptr; break;
      case DT_VERNEEDNUM: dynamic.needed_count = entry.d_un.d_val; break;
      case DT_VERDEF: dynamic.defined = entry.d_un.d_ptr; break;
      case DT_VERDEFNUM: dynamic.defined_count = entry.d_un.d_val; break;
      default: break;
    }
  }
  return dynamic;
}

Result<std::string> ElfFile::string_at(const Dynamic& dynamic, std::uint64_t index) const {
  if (!dynamic.strings || index >= dynamic.string_bytes) return malformed("string table");
  const auto address = sum(*dynamic.strings, index);
  if (!address) return malformed("string table");
  TRY_ASSIGN(const std::uint64_t offset, offset_of(*address));
  std::string name(std::min<std::uint64_t>(dynamic.string_bytes - index, 64), '\0');
  TRY_ASSIGN(const std::size_t count, read_at(offset, std::as_writable_bytes(std::span(name))));
  return name.substr(0, std::min(count, name.find('\0')));
}

// Reads the list of needed files, each with a list of needed versions. Offsets only increase, so the loops end.
Result<std::optional<GlibcVersion>> ElfFile::needed_glibc() const {
  std::optional<GlibcVersion> highest;
  TRY_ASSIGN(const Dynamic dynamic, this->dynamic());
  if (!dynamic.needed) return highest;
  TRY_ASSIGN(std::uint64_t offset, offset_of(*dynamic.needed));
  std::size_t versions = 0;
  for (std::uint64_t file = 0; file < dynamic.needed_count; ++file) {
    TRY_ASSIGN(const Elf64_Verneed need, read<Elf64_Verneed>(offset));
    auto at = sum(offset, need.vn_aux);
    for (std::uint64_t i = 0; i < need.vn_cnt; ++i) {
      if (!at || ++versions > kMaxVersions) return malformed("list of needed versions");
      TRY_ASSIGN(const Elf64_Vernaux version, read<Elf64_Vernaux>(*at));
      TRY_ASSIGN(const std::string name, string_at(dynamic, version.vna_name));
      highest = std::max(highest, parse_glibc_version(name));
      if (version.vna_next == 0) break;
      at = sum(*at, version.vna_next);
    }
    if (need.vn_next == 0) break;
    const auto next = sum(offset, need.vn_next);
    if (!next || ++versions > kMaxVersions) return malformed("list of needed versions");
    offset = *next;
  }
  return highest;
}

Result<std::optional<GlibcVersion>> ElfFile::defined_glibc() const {
  std::optional<GlibcVersion> highest;
  TRY_ASSIGN(const Dynamic dynamic, this->dynamic());
  if (!dynamic.defined) return highest;
  TRY_ASSIGN(std::uint64_t offset, offset_of(*dynamic.defined));
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(dynamic.defined_count, kMaxVersions); ++i) {
    TRY_ASSIGN(const Elf64_Verdef definition, read<Elf64_Verdef>(offset));
    const auto at = sum(offset, definition.vd_aux);
    if (!at) return malformed("list of defined versions");
    TRY_ASSIGN(const Elf64_Verdaux own, read<Elf64_Verdaux>(*at));
    TRY_ASSIGN(const std::string name, string_at(dynamic, own.vda_name));
    highest = std::max(highest, parse_glibc_version(name));
    const auto next = sum(offset, definition.vd_next);
    if (definition.vd_next == 0 || !next) break;
    offset = *next;
  }
  return highest;
}

}  // namespace mesh::buildpack
