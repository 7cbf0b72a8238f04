#include "buildpack/fetch/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <new>

#include "buildpack/fetch/write_behind.h"
#include "common/text.h"

namespace mesh::buildpack {
namespace {

struct FreeArchive {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
using ArchiveHandle = std::unique_ptr<archive, FreeArchive>;

// A tar file ends with two blocks of zeros (POSIX.1-2017, pax, "ustar Interchange Format").
constexpr std::uint64_t kEndBytes = 1024;

// Returns the path as one printable line.
std::string shown(std::string_view path) { return text::printable_line(path, 120); }

bool is_unsafe(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\\') != std::string_view::npos) return true;
  for (const char c : path) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return true;
  }
  for (const std::string_view part : text::split(path, '/')) {
    if (part == "..") return true;
  }
  return false;
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// Describes a member that is neither a regular file nor a directory.
std::optional<std::string_view> unexpected_kind(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr) return "a hard link";
  if (archive_entry_sparse_count(entry) > 0) return "a sparse file";
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
    case AE_IFDIR: return std::nullopt;
    case AE_IFLNK: return "a symbolic link";
    case AE_IFCHR:
    case AE_IFBLK: return "a device";
    case AE_IFIFO: return "a pipe";
    default: return "an unknown type of file";
  }
}

// Reads an archive once. libarchive parses the tar format; this class decides which members are allowed.
class Unpacking {
 public:
  Unpacking(ByteSource source, const ArchiveLimits& limits, std::string_view name, const ByteSink& binary)
      : gunzip_(std::move(source), limits), limits_(limits), name_(name), binary_(binary), tar_(archive_read_new()) {
    if (tar_ == nullptr) throw std::bad_alloc();
  }

  Result<std::uint64_t> run() {
    archive_read_support_format_tar(tar_.get());
    if (archive_read_open(tar_.get(), this, nullptr, &Unpacking::read_block, nullptr) != ARCHIVE_OK) return broken();
    while (true) {
      archive_entry* entry = nullptr;
      const int status = archive_read_next_header(tar_.get(), &entry);
      if (status == ARCHIVE_EOF) break;
      if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return broken();
      TRY(take(entry));
    }
    TRY(drain());
    if (!found_) return Failure{Reason::archive_missing_binary, fmt::format("none of {} entries has that name", entries_)};
    return bytes_;
  }

 private:
  // Returns the next unpacked bytes of the tar file to libarchive.
  static la_ssize_t read_block(archive*, void* self, const void** block) {
    auto& unpacking = *static_cast<Unpacking*>(self);
    const auto bytes = unpacking.next_bytes();
    if (!bytes) {
      unpacking.source_failure_ = bytes.failure();
      return -1;
    }
    unpacking.given_ += bytes->size();
    unpacking.last_block_ = *bytes;
    *block = bytes->data();
    return static_cast<la_ssize_t>(bytes->size());
  }

  // Returns exceptions as failures, because they must not pass through libarchive.
  Result<std::span<const std::byte>> next_bytes() try { return gunzip_.next(); } catch (const std::exception& error) {
    return error_of(error);
  }

  Result<void> take(archive_entry* entry) {
    if (++entries_ > limits_.entries) {
      return Failure{Reason::archive_too_large, fmt::format("more than {} entries", limits_.entries)};
    }
    const char* raw_path = archive_entry_pathname(entry);
    const std::string_view path = raw_path == nullptr ? "" : raw_path;
    if (is_unsafe(path)) return Failure{Reason::archive_unsafe_path, fmt::format("\"{}\"", shown(path))};
    if (const auto kind = unexpected_kind(entry)) {
      return Failure{Reason::archive_unexpected_member, fmt::format("{} is {}", shown(path), *kind)};
    }
    if (archive_entry_filetype(entry) == AE_IFDIR || base_name(path) != name_) return {};
    if (found_) return Failure{Reason::archive_unexpected_member, fmt::format("{} occurs twice", shown(path))};
    found_ = true;
    return take_binary();
  }

  Result<void> take_binary() {
    while (true) {
      const void* block = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int status = archive_read_data_block(tar_.get(), &block, &size, &offset);
      if (status == ARCHIVE_EOF) return {};
      if (status != ARCHIVE_OK) return broken();
      const std::span bytes(static_cast<const std::byte*>(block), size);
      TRY(binary_(bytes));
      bytes_ += size;
    }
  }

  // Checks the data after the last member, which must be the tar file's end and padding. libarchive accepts any number of
  // zeros as the end, even none.
  Result<void> drain() {
    const auto end = static_cast<std::uint64_t>(archive_read_header_position(tar_.get()));
    const auto unread = given_ - static_cast<std::uint64_t>(archive_filter_bytes(tar_.get(), 0));
    auto bytes = last_block_.last(std::min<std::uint64_t>(unread, last_block_.size()));
    while (true) {
      if (!std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; })) {
        return Failure{Reason::archive_unexpected_member, "data after the end of the archive"};
      }
      TRY_ASSIGN(bytes, gunzip_.next());
      given_ += bytes.size();
      if (bytes.empty()) break;
    }
    if (given_ >= end + kEndBytes) return {};
    return Failure{Reason::archive_corrupt, "the end-of-archive marker is missing"};
  }

  Failure broken() {
    if (source_failure_) return *source_failure_;
    if (archive_errno(tar_.get()) == ENOMEM) throw std::bad_alloc();
    const char* message = archive_error_string(tar_.get());
    return {Reason::archive_corrupt, text::printable_line(message == nullptr ? "not a tar archive" : message, 200)};
  }

  Gunzip gunzip_;
  ArchiveLimits limits_;
  std::string_view name_;
  const ByteSink& binary_;
  ArchiveHandle tar_;
  std::optional<Failure> source_failure_;
  std::uint64_t given_ = 0;  // bytes that libarchive got
  std::span<const std::byte> last_block_;
  int entries_ = 0;
  bool found_ = false;
  std::uint64_t bytes_ = 0;
};

}  // namespace

Result<std::uint64_t> unpack(ByteSource source, const ArchiveLimits& limits, std::string_view name, const ByteSink& binary) {
  return Unpacking(std::move(source), limits, name, binary).run();
}

BackgroundUnpack::BackgroundUnpack(ArrivingFile& file, const ArchiveLimits& limits, std::string_view name,
                                   OutputFile& binary)
    : file_(file), limits_(limits), name_(name), binary_(binary), thread_([this](const std::stop_token& stop) {
        run(stop);
      }) {}

Result<UnpackedBinary> BackgroundUnpack::finish() {
  thread_.join();
  return *std::move(result_);
}

Result<UnpackedBinary> BackgroundUnpack::unpack_generation(int generation, const std::stop_token& stop) {
  TRY(binary_.restart());
  WriteBehind writing(binary_);
  const ByteSink sink = [&](std::span<const std::byte> bytes) { return writing.append(bytes); };
  TRY_ASSIGN(const std::uint64_t bytes, unpack(file_.source(generation, stop), limits_, name_, sink));
  TRY_ASSIGN(const Sha256 sha256, writing.finish());
  return UnpackedBinary{bytes, sha256};
}

void BackgroundUnpack::run(const std::stop_token& stop) try {
  int generation = 0;
  do {
    generation = file_.generation();
    result_ = unpack_generation(generation, stop);
  } while (file_.wait_for_newer(generation, stop));
} catch (const std::exception& error) {
  result_ = error_of(error);
}

}  // namespace mesh::buildpack
