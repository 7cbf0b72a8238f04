#include "install/gunzip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <new>

namespace mesh {
namespace {

constexpr std::size_t kChunk = 128 * 1024;
constexpr int kGzipOnly = 15 + 16;  // inflateInit2: the largest window, a gzip header required

Failure corrupt(std::string_view what) { return {Reason::archive_corrupt, std::string(what)}; }

}  // namespace

struct Gunzip::Stream {
  z_stream z{};

  Stream() {
    if (inflateInit2(&z, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~Stream() { inflateEnd(&z); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
};

Gunzip::Gunzip(ByteSource source, const ArchiveLimits& limits)
    : source_(std::move(source)), limits_(limits), stream_(std::make_unique<Stream>()), packed_(kChunk), unpacked_(kChunk) {}

Gunzip::~Gunzip() = default;

// False at the end of the source.
Result<bool> Gunzip::refill() {
  TRY_ASSIGN(const auto count, source_(packed_));
  if (!count) return Failure{Reason::build_interrupted, ""};
  stream_->z.next_in = reinterpret_cast<Bytef*>(packed_.data());
  stream_->z.avail_in = static_cast<uInt>(*count);
  packed_total_ += *count;
  return *count > 0;
}

Result<void> Gunzip::check_limits() const {
  if (unpacked_total_ > limits_.unpacked_bytes) {
    return Failure{Reason::archive_too_large, fmt::format("more than {} bytes", limits_.unpacked_bytes)};
  }
  if (unpacked_total_ > limits_.ratio_free_bytes && unpacked_total_ / limits_.ratio > packed_total_) {
    return Failure{Reason::archive_too_large, fmt::format("{} bytes out of {}", unpacked_total_, packed_total_)};
  }
  return {};
}

Result<void> Gunzip::check_end() {
  ended_ = true;
  if (stream_->z.avail_in == 0) TRY(refill());
  if (stream_->z.avail_in == 0) return {};
  return Failure{Reason::archive_unexpected_member, "more bytes behind the end of the archive"};
}

Result<std::span<const std::byte>> Gunzip::next() {
  if (ended_) return std::span<const std::byte>();
  z_stream& z = stream_->z;
  z.next_out = reinterpret_cast<Bytef*>(unpacked_.data());
  z.avail_out = static_cast<uInt>(unpacked_.size());
  while (z.avail_out > 0 && !ended_) {
    if (z.avail_in == 0) {
      TRY_ASSIGN(const bool more, refill());
      if (!more) return corrupt("the archive ends in the middle of its data");
    }
    const int status = inflate(&z, Z_NO_FLUSH);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status == Z_STREAM_END) TRY(check_end());
    if (status != Z_STREAM_END && status != Z_OK && status != Z_BUF_ERROR) {
      return corrupt(z.msg != nullptr ? z.msg : "no gzip data");
    }
  }
  const std::size_t count = unpacked_.size() - z.avail_out;
  unpacked_total_ += count;
  TRY(check_limits());
  return std::span<const std::byte>(unpacked_).first(count);
}

}  // namespace mesh
