#include "buildpack/install/inspect.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <functional>
#include <sstream>

#include "buildpack/base/architecture.h"
#include "buildpack/install/elf_file.h"
#include "platform/disk_files.h"
#include "support/cpp/archives.h"
#include "support/cpp/memory_files.h"
#include "support/cpp/scratch_directory.h"

namespace mesh::buildpack {
namespace {

using testing::HasSubstr;

Result<void> inspect_content(std::string content) {
  MemoryFiles files;
  files.put_file("/binary", std::move(content));
  return inspect("/binary", kArchitecture, files);
}

// Returns the failure of a valid binary with a changed header: "binary::wrong-format: ...".
std::string verdict(const std::function<void(Elf64_Ehdr&)>& change) {
  std::string content = program();
  Elf64_Ehdr header;
  std::memcpy(&header, content.data(), sizeof header);
  change(header);
  std::memcpy(content.data(), &header, sizeof header);
  const auto result = inspect_content(content);
  return result ? "sound" : std::string(entry(result.failure().reason).id) + ": " + result.failure().detail;
}

TEST(Inspect, AcceptsABinaryOfThisMachine) { EXPECT_TRUE(inspect_content(program())); }

TEST(Inspect, AcceptsAPositionIndependentExecutable) {
  EXPECT_EQ(verdict([](Elf64_Ehdr& header) { header.e_type = ET_DYN; }), "sound");
}

TEST(Inspect, RejectsNonElfFiles) {
  for (const char* content : {"", "\x7f", "#!/bin/sh\n", "MZ", "<html>"}) {
    const auto result = inspect_content(content);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.failure().reason, Reason::binary_wrong_format) << content;
  }
}

TEST(Inspect, RejectsATruncatedHeader) {
  for (const std::size_t size : {4u, 16u, 63u}) {
    const auto result = inspect_content(program().substr(0, size));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.failure().detail, "the ELF header is cut off");
  }
}

TEST(Inspect, RejectsAnotherMachine) {
  const int other = kArchitecture == Architecture::amd64 ? EM_AARCH64 : EM_X86_64;
  EXPECT_THAT(
      verdict([&](Elf64_Ehdr& header) { header.e_machine = static_cast<Elf64_Half>(other); }),
      HasSubstr(kArchitecture == Architecture::amd64 ? "architecture: The binary is for arm64; this build is for amd64."
                                                     : "architecture: The binary is for amd64; this build is for arm64."));
  EXPECT_THAT(verdict([](Elf64_Ehdr& header) { header.e_machine = EM_RISCV; }), HasSubstr("riscv64"));
  EXPECT_THAT(verdict([](Elf64_Ehdr& header) { header.e_machine = 4711; }), HasSubstr("machine 4711"));
}

TEST(Inspect, RejectsAnotherWordSize) {
  EXPECT_THAT(verdict([](Elf64_Ehdr& header) { header.e_ident[EI_CLASS] = ELFCLASS32; }),
              HasSubstr("wrong-architecture: The binary is for a 32-bit machine"));
}

TEST(Inspect, RejectsAnotherByteOrder) {
  EXPECT_THAT(verdict([](Elf64_Ehdr& header) { header.e_ident[EI_DATA] = ELFDATA2MSB; }),
              HasSubstr("wrong-architecture: The binary is for a big-endian machine"));
}

TEST(Inspect, RejectsElfFilesThatAreNotExecutable) {
  for (const int type : {ET_NONE, ET_REL, ET_CORE}) {
    EXPECT_THAT(verdict([&](Elf64_Ehdr& header) { header.e_type = static_cast<Elf64_Half>(type); }),
                HasSubstr("wrong-format"))
        << type;
  }
  EXPECT_THAT(verdict([](Elf64_Ehdr& header) { header.e_phnum = 0; }), HasSubstr("wrong-format"));
}

// A dynamically linked binary of this architecture, with changes. The C library of its system root is the newest version
// that it can need.
class DynamicProgram : public testing::Test {
 protected:
  DynamicProgram() {
    std::ifstream file(MESH_TEST_DYNAMIC_PROGRAM, std::ios::binary);
    content_ = (std::ostringstream() << file.rdbuf()).str();
  }

  void replace(std::string_view what, std::string_view by) {
    ASSERT_EQ(what.size(), by.size());
    const std::size_t at = content_.find(what);
    ASSERT_NE(at, std::string::npos);
    content_.replace(at, what.size(), by);
  }

  // Returns the failure below this root.
  std::string verdict(const Path& root = MESH_TEST_SYSTEM_ROOT) {
    DiskFiles files;
    EXPECT_TRUE(files.replace(scratch_.path() / "program", content_));
    const auto result = inspect(scratch_.path() / "program", kArchitecture, files, root);
    return result ? "sound" : std::string(entry(result.failure().reason).id) + ": " + result.failure().detail;
  }

  // Returns the highest version of the C library in the binary.
  std::string glibc() {
    std::string highest;
    std::optional<GlibcVersion> version;
    for (std::size_t at = 0; (at = content_.find("GLIBC_2.", at)) != std::string::npos; ++at) {
      const std::string name = content_.c_str() + at;
      const auto found = parse_glibc_version(name);
      if (!found || (version && *found < *version)) continue;
      version = found;
      highest = name;
    }
    return highest;
  }

  ScratchDirectory scratch_;
  std::string content_;
};

TEST_F(DynamicProgram, IsAcceptedWhenItsLoaderAndGlibcFit) { EXPECT_EQ(verdict(), "sound"); }

TEST_F(DynamicProgram, IsRejectedWhenTheLoaderIsMissing) {
  EXPECT_THAT(verdict(scratch_.path()), testing::MatchesRegex("binary::missing-interpreter: The binary needs /lib.*ld-.*"));
}

TEST_F(DynamicProgram, IsRejectedWhenGlibcIsTooOld) {
  const std::string needed = glibc();
  ASSERT_GE(needed.size(), 9u);
  replace(needed, "GLIBC_2." + std::string(needed.size() - 8, '9'));
  EXPECT_THAT(verdict(),
              testing::MatchesRegex("binary::glibc-too-old: The binary needs glibc 2.9+; this stack has 2.[0-9.]+."));
}

TEST_F(DynamicProgram, IsAcceptedWhenTheGlibcVersionIsUnknown) {
  const std::string needed = glibc();
  replace(needed, "GLIBC_2." + std::string(needed.size() - 8, '9'));
  DiskFiles files;
  for (const char* loader : {"lib64/ld-linux-x86-64.so.2", "lib/ld-linux-aarch64.so.1"}) {
    ASSERT_TRUE(files.make_directories((scratch_.path() / loader).parent_path()));
    ASSERT_TRUE(files.replace(scratch_.path() / loader, "x"));
  }
  EXPECT_EQ(verdict(scratch_.path()), "sound");
  // A file that is not a library is ignored.
  ASSERT_TRUE(files.replace(scratch_.path() / "lib64/libc.so.6", "INPUT(libc)"));
  EXPECT_EQ(verdict(scratch_.path()), "sound");
}

TEST_F(DynamicProgram, IgnoresSymbolVersionsWithoutANumber) {
  const std::string needed = glibc();
  replace(needed, std::string("GLIBC_ABI_DT_RELR").substr(0, needed.size()));
  EXPECT_EQ(verdict(), "sound");
}

// The check must end for any content, without an invalid access that the sanitizers would report.
TEST_F(DynamicProgram, SurvivesTruncationAtAnyOffset) {
  const std::string whole = content_;
  for (std::size_t size = 64; size < whole.size(); size += whole.size() / 199) {
    content_ = whole.substr(0, size);
    EXPECT_THAT(verdict(), testing::AnyOf("sound", HasSubstr("malformed")));
  }
}

TEST_F(DynamicProgram, SurvivesAnyBytesInTheDynamicSegment) {
  Elf64_Ehdr header;
  std::memcpy(&header, content_.data(), sizeof header);
  const std::string whole = content_;
  for (std::size_t at = header.e_phoff; at < header.e_phoff + header.e_phnum * sizeof(Elf64_Phdr); at += 3) {
    content_ = whole;
    content_[at] = static_cast<char>(~content_[at]);
    EXPECT_THAT(verdict(), testing::AnyOf("sound", HasSubstr("malformed"), HasSubstr("missing-interpreter")));
  }
}

TEST(GlibcVersion, ParsesSymbolVersions) {
  EXPECT_EQ(parse_glibc_version("GLIBC_2.34")->text(), "2.34");
  EXPECT_EQ(parse_glibc_version("GLIBC_2.2.5")->text(), "2.2.5");
  EXPECT_LT(*parse_glibc_version("GLIBC_2.4"), *parse_glibc_version("GLIBC_2.34"));
  for (const char* name : {"", "GLIBC_", "GLIBC_2", "GLIBC_2.", "GLIBC_PRIVATE", "GLIBC_ABI_DT_RELR", "GLIBC_2.3x",
                           "GCC_3.0", "GLIBC_2.3.4.5", "GLIBC_-2.3", "GLIBC_99999999999.1"}) {
    EXPECT_FALSE(parse_glibc_version(name)) << name;
  }
}

TEST(Inspect, ReturnsReadFailure) {
  MemoryFiles files;
  EXPECT_EQ(inspect("/binary", kArchitecture, files).failure().reason, Reason::install_io_error);
}

}  // namespace
}  // namespace mesh::buildpack
