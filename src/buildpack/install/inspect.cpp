#include "buildpack/install/inspect.h"

#include <elf.h>
#include <fmt/format.h>

#include <array>
#include <cstring>

#include "buildpack/fetch/content.h"
#include "buildpack/install/elf_file.h"
#include "common/text.h"

namespace mesh::buildpack {
namespace {

constexpr int machine_of(Architecture architecture) { return architecture == Architecture::amd64 ? EM_X86_64 : EM_AARCH64; }

constexpr std::array kLibraryDirectories =
    kArchitecture == Architecture::amd64
        ? std::array{"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64"}
        : std::array{"/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/lib64", "/usr/lib64"};

std::string machine_name(int machine) {
  switch (machine) {
    case EM_X86_64: return "amd64";
    case EM_AARCH64: return "arm64";
    case EM_386: return "386";
    case EM_ARM: return "arm";
    case EM_RISCV: return "riscv64";
    case EM_PPC64: return "ppc64";
    case EM_S390: return "s390x";
    default: return fmt::format("machine {}", machine);
  }
}

Failure wrong_format(std::string_view what) { return {Reason::binary_wrong_format, std::string(what)}; }

Failure not_elf(std::string_view head) {
  const auto content = describe_content(head);
  return wrong_format(content ? fmt::format("{}, not an ELF file", *content) : "not an ELF file");
}

Failure wrong_architecture(std::string_view what, Architecture wanted) {
  return {Reason::binary_wrong_architecture, fmt::format("The binary is for {}; this build is for {}.", what, name(wanted))};
}

Path below(const Path& root, const Path& path) { return root / path.relative_path(); }

Result<void> check_interpreter(const ElfFile& elf, Files& files, const Path& root) {
  TRY_ASSIGN(const auto interpreter, elf.interpreter());
  if (!interpreter || files.resolve(below(root, *interpreter))) return {};
  return Failure{Reason::binary_missing_interpreter,
                 fmt::format("The binary needs {}.", text::printable_line(*interpreter, 120))};
}

// Returns the version of this machine's C library; nullopt if unknown.
std::optional<GlibcVersion> glibc_of(Files& files, const Path& root) {
  for (const char* directory : kLibraryDirectories) {
    auto file = files.open(below(root, directory) / "libc.so.6");
    Elf64_Ehdr header{};
    const auto count = file ? (*file)->read_at(0, std::as_writable_bytes(std::span(&header, 1))) : Result<std::size_t>(0);
    if (!count || *count < sizeof header || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) continue;
    if (header.e_machine != machine_of(kArchitecture)) continue;
    const auto library = ElfFile::open(*std::move(file), header);
    if (!library) continue;
    const auto version = library->defined_glibc();
    if (version && *version) return *version;
  }
  return std::nullopt;
}

Result<void> check_glibc(const ElfFile& elf, Files& files, const Path& root) {
  TRY_ASSIGN(const auto needed, elf.needed_glibc());
  if (!needed) return {};
  const auto installed = glibc_of(files, root);
  if (!installed || *needed <= *installed) return {};
  return Failure{Reason::binary_glibc_too_old,
                 fmt::format("The binary needs glibc {}; this stack has {}.", needed->text(), installed->text())};
}

}  // namespace

Result<void> inspect(const Path& binary, Architecture architecture, Files& files, const Path& root) {
  TRY_ASSIGN(auto file, files.open(binary));
  Elf64_Ehdr header{};
  TRY_ASSIGN(const std::size_t count, file->read_at(0, std::as_writable_bytes(std::span(&header, 1))));
  if (count < SELFMAG || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    return not_elf({reinterpret_cast<const char*>(&header), count});
  }
  if (count < sizeof header) return wrong_format("the ELF header is cut off");
  if (header.e_ident[EI_DATA] != ELFDATA2LSB) return wrong_architecture("a big-endian machine", architecture);
  if (header.e_ident[EI_CLASS] != ELFCLASS64) return wrong_architecture("a 32-bit machine", architecture);
  if (header.e_machine != machine_of(architecture)) {
    return wrong_architecture(machine_name(header.e_machine), architecture);
  }
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN) return wrong_format("an ELF file that is not an executable");
  if (header.e_phnum == 0) return wrong_format("an ELF file without program headers");
  TRY_ASSIGN(const ElfFile elf, ElfFile::open(std::move(file), header));
  if (architecture != kArchitecture) return {};
  TRY(check_interpreter(elf, files, root));
  return check_glibc(elf, files, root);
}

}  // namespace mesh::buildpack
