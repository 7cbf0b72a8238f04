#include "install/inspect.h"

#include <elf.h>
#include <fmt/format.h>

#include <cstring>

#include "base/architecture.h"

namespace mesh {
namespace {

#if defined(__x86_64__)
constexpr int kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr int kMachine = EM_AARCH64;
#endif

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

Failure wrong_architecture(std::string_view what) {
  return {Reason::binary_wrong_architecture, fmt::format("It is for {}, this build is for {}.", what, kArchitecture)};
}

}  // namespace

Result<void> inspect(const Path& binary, Files& files) {
  TRY_ASSIGN(const auto file, files.open(binary));
  Elf64_Ehdr header{};
  TRY_ASSIGN(const std::size_t count, file->read_at(0, std::as_writable_bytes(std::span(&header, 1))));
  if (count < SELFMAG || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return wrong_format("no ELF header");
  if (count < sizeof header) return wrong_format("the ELF header is cut off");
  if (header.e_ident[EI_DATA] != ELFDATA2LSB) return wrong_architecture("a big-endian machine");
  if (header.e_ident[EI_CLASS] != ELFCLASS64) return wrong_architecture("a 32-bit machine");
  if (header.e_machine != kMachine) return wrong_architecture(machine_name(header.e_machine));
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN) return wrong_format("an ELF file that is no executable");
  if (header.e_phnum == 0) return wrong_format("an ELF file without program headers");
  return {};
}

}  // namespace mesh
