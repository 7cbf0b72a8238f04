#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mesh::buildpack {

// A member of a tar file as POSIX's ustar format has it, or as somebody wrote it who means harm.
struct TarMember {
  std::string path;
  std::string content = {};
  char type = '0';         // 0 file, 1 hard link, 2 link, 3 and 4 devices, 5 directory, 6 pipe
  std::string link = {};   // the target of a link
  std::uint64_t size = 0;  // where the header is to say another size than the content has
};

// The member: its header and its content, in blocks of 512 bytes.
std::string tar_member(const TarMember&);
// A member whose path stands in a pax header before it (POSIX.1-2001), as long ones do.
std::string pax_member(const std::string& path, const std::string& content);
// A member of GNU's old sparse format: one piece of content at the start of a file of `real_size` bytes.
std::string sparse_member(const std::string& path, const std::string& content, std::uint64_t real_size);
// Returns the end-of-archive entry.
std::string tar_end();

std::string gzip(std::string_view);

// A sound release's archive, with a program of this content.
std::string release_archive(std::string_view program);

// Bytes that do not pack, always the same.
std::string noise(std::size_t size);

// A small ELF file which passes for a program of this machine.
std::string program();

}  // namespace mesh::buildpack
