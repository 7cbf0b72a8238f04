#include "support/cpp/archives.h"

#include <elf.h>
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <stdexcept>

#include "buildpack/base/architecture.h"
#include "buildpack/base/product.h"

namespace mesh::buildpack {
namespace {

constexpr std::size_t kBlock = 512;

// Where the fields of a header start (POSIX.1-2001, pax, "ustar Interchange Format").
constexpr std::size_t kMode = 100;
constexpr std::size_t kUser = 108;
constexpr std::size_t kGroup = 116;
constexpr std::size_t kSize = 124;
constexpr std::size_t kTime = 136;
constexpr std::size_t kChecksum = 148;
constexpr std::size_t kType = 156;
constexpr std::size_t kLink = 157;
constexpr std::size_t kMagic = 257;

void put(std::string& header, std::size_t at, std::string_view text) { header.replace(at, text.size(), text); }

std::string padded(std::string content) {
  content.resize((content.size() + kBlock - 1) / kBlock * kBlock);
  return content;
}

void seal(std::string& header) {
  put(header, kChecksum, "        ");
  const unsigned sum = std::accumulate(header.begin(), header.end(), 0u,
                                       [](unsigned so_far, char c) { return so_far + static_cast<unsigned char>(c); });
  put(header, kChecksum, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
}

std::string header_of(const TarMember& member) {
  std::string header(kBlock, '\0');
  put(header, 0, member.path.substr(0, 100));
  put(header, kMode, "0000755");
  put(header, kUser, "0001750");
  put(header, kGroup, "0001750");
  put(header, kSize, fmt::format("{:011o}", member.size != 0 ? member.size : member.content.size()));
  put(header, kTime, "00000000000");
  header[kType] = member.type;
  put(header, kLink, member.link);
  put(header, kMagic,
      std::string("ustar\0"
                  "00",
                  8));
  return header;
}

}  // namespace

std::string tar_member(const TarMember& member) {
  std::string header = header_of(member);
  seal(header);
  return header + padded(member.content);
}

std::string pax_member(const std::string& path, const std::string& content) {
  const std::string rest = " path=" + path + "\n";
  std::size_t length = rest.size() + 1;
  while (std::to_string(length).size() + rest.size() != length) ++length;  // the length counts itself
  return tar_member({.path = "PaxHeaders/x", .content = std::to_string(length) + rest, .type = 'x'}) +
         tar_member({.path = "see-pax-header", .content = content});
}

std::string sparse_member(const std::string& path, const std::string& content, std::uint64_t real_size) {
  std::string header = header_of({.path = path, .content = content, .type = 'S'});
  put(header, kMagic, std::string("ustar  \0", 8));
  put(header, 386, fmt::format("{:011o}", 0));               // the piece's offset
  put(header, 398, fmt::format("{:011o}", content.size()));  // and its length
  put(header, 483, fmt::format("{:011o}", real_size));
  seal(header);
  return header + padded(content);
}

std::string tar_end() { return std::string(2 * kBlock, '\0'); }

std::string gzip(std::string_view content) {
  z_stream z{};
  if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
  std::string packed(deflateBound(&z, content.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));  // zlib only reads it
  z.avail_in = static_cast<uInt>(content.size());
  z.next_out = reinterpret_cast<Bytef*>(packed.data());
  z.avail_out = static_cast<uInt>(packed.size());
  const int status = deflate(&z, Z_FINISH);
  packed.resize(z.total_out);
  deflateEnd(&z);
  if (status != Z_STREAM_END) throw std::runtime_error("gzip");
  return packed;
}

std::string release_archive(std::string_view content) {
  return gzip(tar_member({.path = "LICENSE", .content = "terms"}) +
              tar_member({.path = std::string(program(Product::integration)), .content = std::string(content)}) + tar_end());
}

std::string noise(std::size_t size) {
  std::mt19937 generator(1);  // NOLINT(cert-msc51-cpp): the same bytes each time
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(generator());
  return bytes;
}

std::string program() {
  static const std::string kProgram = [] {
    Elf64_Ehdr header{};
    std::copy_n(ELFMAG, SELFMAG, header.e_ident);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_type = ET_EXEC;
    header.e_machine = kArchitecture == Architecture::amd64 ? EM_X86_64 : EM_AARCH64;
    header.e_phoff = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = 1;
    Elf64_Phdr segment{};
    segment.p_type = PT_LOAD;
    return std::string(reinterpret_cast<const char*>(&header), sizeof header)
        .append(reinterpret_cast<const char*>(&segment), sizeof segment)
        .append(noise(200'000));
  }();
  return kProgram;
}

}  // namespace mesh::buildpack
