#include "install/inspect.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "base/architecture.h"
#include "support/archives.h"
#include "support/memory_files.h"

namespace mesh {
namespace {

using testing::HasSubstr;

Result<void> inspect_content(std::string content) {
  MemoryFiles files;
  files.put_file("/binary", std::move(content));
  return inspect("/binary", files);
}

// What is said of a sound program after a change of its header: "binary::wrong-format: ...".
std::string verdict(const std::function<void(Elf64_Ehdr&)>& change) {
  std::string content = program();
  Elf64_Ehdr header;
  std::memcpy(&header, content.data(), sizeof header);
  change(header);
  std::memcpy(content.data(), &header, sizeof header);
  const auto result = inspect_content(content);
  return result ? "sound" : std::string(entry(result.failure().reason).id) + ": " + result.failure().detail;
}

TEST(Inspect, TakesAProgramOfThisMachine) { EXPECT_TRUE(inspect_content(program())); }

TEST(Inspect, TakesAPositionIndependentProgram) {
  EXPECT_EQ(verdict([](Elf64_Ehdr& header) { header.e_type = ET_DYN; }), "sound");
}

TEST(Inspect, RefusesWhatIsNoElfFile) {
  for (const char* content : {"", "\x7f", "#!/bin/sh\n", "MZ", "<html>"}) {
    const auto result = inspect_content(content);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.failure().reason, Reason::binary_wrong_format) << content;
  }
}

TEST(Inspect, RefusesAHeaderThatIsCutOff) {
  for (const std::size_t size : {4u, 16u, 63u}) {
    const auto result = inspect_content(program().substr(0, size));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.failure().detail, "the ELF header is cut off");
  }
}

TEST(Inspect, RefusesAnotherProcessor) {
  const int other = kArchitecture == "amd64" ? EM_AARCH64 : EM_X86_64;
  EXPECT_THAT(verdict([&](Elf64_Ehdr& header) { header.e_machine = static_cast<Elf64_Half>(other); }),
              HasSubstr(kArchitecture == "amd64" ? "architecture: It is for arm64, this build is for amd64."
                                                 : "architecture: It is for amd64, this build is for arm64."));
  EXPECT_THAT(verdict([](Elf64_Ehdr& header) { header.e_machine = EM_RISCV; }), HasSubstr("riscv64"));
  EXPECT_THAT(verdict([](Elf64_Ehdr& header) { header.e_machine = 4711; }), HasSubstr("machine 4711"));
}

TEST(Inspect, RefusesAnotherWordSize) {
  EXPECT_THAT(verdict([](Elf64_Ehdr& header) { header.e_ident[EI_CLASS] = ELFCLASS32; }),
              HasSubstr("wrong-architecture: It is for a 32-bit machine"));
}

TEST(Inspect, RefusesAnotherByteOrder) {
  EXPECT_THAT(verdict([](Elf64_Ehdr& header) { header.e_ident[EI_DATA] = ELFDATA2MSB; }),
              HasSubstr("wrong-architecture: It is for a big-endian machine"));
}

TEST(Inspect, RefusesElfFilesThatAreNoProgram) {
  for (const int type : {ET_NONE, ET_REL, ET_CORE}) {
    EXPECT_THAT(verdict([&](Elf64_Ehdr& header) { header.e_type = static_cast<Elf64_Half>(type); }),
                HasSubstr("wrong-format"))
        << type;
  }
  EXPECT_THAT(verdict([](Elf64_Ehdr& header) { header.e_phnum = 0; }), HasSubstr("wrong-format"));
}

TEST(Inspect, HandsOnTheFailureToRead) {
  MemoryFiles files;
  EXPECT_EQ(inspect("/binary", files).failure().reason, Reason::install_io_error);
}

}  // namespace
}  // namespace mesh
