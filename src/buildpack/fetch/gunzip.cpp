#include "buildpack/fetch/gunzip.h"

#include <fmt/format.h>
#include <isa-l/igzip_lib.h>

#include <algorithm>

namespace mesh::buildpack {
namespace {

constexpr std::size_t kChunk = 128 * 1024;
constexpr std::uint32_t kReservedFlags = 0xE0;  // RFC 1952, section 2.3.1: must be zero

Failure corrupt(std::string_view what) { return {Reason::archive_corrupt, std::string(what)}; }

std::string_view describe(int error) {
  switch (error) {
    case ISAL_INVALID_WRAPPER: return "invalid gzip header";
    case ISAL_UNSUPPORTED_METHOD: return "unknown compression method";
    case ISAL_INCORRECT_CHECKSUM: return "incorrect checksum or length";
    case ISAL_INVALID_BLOCK: return "invalid block";
    case ISAL_INVALID_SYMBOL: return "invalid code";
    case ISAL_INVALID_LOOKBACK: return "invalid distance";
    default: return "invalid data";
  }
}

}  // namespace

struct Gunzip::Stream {
  inflate_state state;
  isal_gzip_header header{};

  Stream() {
    isal_inflate_init(&state);
    state.crc_flag = ISAL_GZIP;
  }

  // Decompresses some of the input. Returns 0 or a negative error code.
  int advance() {
    if (state.wrapper_flag != 0) return isal_inflate(&state);
    // isal_inflate() loses the first part of a header that arrives in two.
    const int status = isal_read_gzip_header(&state, &header);
    if (status == ISAL_DECOMP_OK && (header.flags & kReservedFlags) != 0) return ISAL_INVALID_WRAPPER;
    return std::min(status, 0);
  }

  bool is_at_end() const { return state.block_state == ISAL_BLOCK_FINISH; }
};

Gunzip::Gunzip(ByteSource source, const ArchiveLimits& limits)
    : source_(std::move(source)), limits_(limits), stream_(std::make_unique<Stream>()), packed_(kChunk), unpacked_(kChunk) {}

Gunzip::~Gunzip() = default;

// Reads more input. Returns false at the end of the source.
Result<bool> Gunzip::refill() {
  TRY_ASSIGN(const auto count, source_(packed_));
  if (!count) return Failure{Reason::build_interrupted, ""};
  stream_->state.next_in = reinterpret_cast<std::uint8_t*>(packed_.data());
  stream_->state.avail_in = static_cast<std::uint32_t>(*count);
  packed_total_ += *count;
  return *count > 0;
}

Result<void> Gunzip::check_limits() const {
  if (unpacked_total_ > limits_.unpacked_bytes) {
    return Failure{Reason::archive_too_large, fmt::format("more than {} bytes", limits_.unpacked_bytes)};
  }
  if (unpacked_total_ > limits_.ratio_free_bytes && unpacked_total_ / limits_.ratio > packed_total_) {
    return Failure{Reason::archive_too_large, fmt::format("{} bytes unpacked from {}", unpacked_total_, packed_total_)};
  }
  return {};
}

Result<void> Gunzip::check_end() {
  ended_ = true;
  if (stream_->state.avail_in == 0) TRY(refill());
  if (stream_->state.avail_in == 0) return {};
  return Failure{Reason::archive_unexpected_member, "data after the end of the archive"};
}

Result<std::span<const std::byte>> Gunzip::next() {
  if (ended_) return std::span<const std::byte>();
  inflate_state& state = stream_->state;
  state.next_out = reinterpret_cast<std::uint8_t*>(unpacked_.data());
  state.avail_out = static_cast<std::uint32_t>(unpacked_.size());
  while (true) {  // before new input, because decompressed bytes may not have fitted into the buffer
    if (const int status = stream_->advance(); status < 0) return corrupt(describe(status));
    if (stream_->is_at_end()) TRY(check_end());
    if (ended_ || state.avail_out == 0) break;
    if (state.avail_in > 0) continue;
    TRY_ASSIGN(const bool more, refill());
    if (!more) return corrupt("the archive is truncated");
  }
  const std::size_t count = unpacked_.size() - state.avail_out;
  unpacked_total_ += count;
  TRY(check_limits());
  return std::span<const std::byte>(unpacked_).first(count);
}

}  // namespace mesh::buildpack
