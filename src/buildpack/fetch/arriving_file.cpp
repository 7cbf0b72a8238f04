#include "buildpack/fetch/arriving_file.h"

#include <algorithm>
#include <utility>

namespace mesh::buildpack {
namespace {

// A waiting reader is woken once per this many bytes, to limit the number of context switches.
constexpr std::uint64_t kWakeInterval = 128 * 1024;

}  // namespace

Result<std::unique_ptr<ArrivingFile>> ArrivingFile::create(Files& files, const Path& path) {
  TRY_ASSIGN(auto output, files.create(path));
  TRY_ASSIGN(auto input, files.open(path));
  return std::unique_ptr<ArrivingFile>(new ArrivingFile(std::move(output), std::move(input)));
}

Result<void> ArrivingFile::append(std::span<const std::byte> bytes) {
  TRY(output_->append(bytes));
  const bool wakes_readers = written_ / kWakeInterval != (written_ + bytes.size()) / kWakeInterval;
  written_ += bytes.size();
  const std::lock_guard lock(mutex_);
  available_ = written_;
  if (wakes_readers) changed_.notify_one();
  return {};
}

Result<void> ArrivingFile::restart() {
  {
    const std::lock_guard lock(mutex_);
    available_ = 0;
    ++generation_;
    changed_.notify_one();
  }
  written_ = 0;
  return output_->restart();
}

void ArrivingFile::complete() {
  const std::lock_guard lock(mutex_);
  is_complete_ = true;
  changed_.notify_one();
}

int ArrivingFile::generation() const {
  const std::lock_guard lock(mutex_);
  return generation_;
}

bool ArrivingFile::wait_for_newer(int generation, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [&] { return is_complete_ || generation_ != generation; });
  return !stop.stop_requested() && generation_ != generation;
}

ByteSource ArrivingFile::source(int generation, std::stop_token stop) {
  return [this, generation, stop = std::move(stop), offset = std::uint64_t{0}](std::span<std::byte> buffer) mutable {
    auto count = read_at(generation, offset, buffer, stop);
    if (count && *count) offset += **count;
    return count;
  };
}

common::Result<std::optional<std::size_t>> ArrivingFile::read_at(int generation, std::uint64_t offset,
                                                                 std::span<std::byte> buffer, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [&] { return available_ > offset || is_complete_ || generation_ != generation; });
  if (generation_ != generation || stop.stop_requested()) return std::optional<std::size_t>();
  const std::uint64_t available = available_ > offset ? available_ - offset : 0;
  lock.unlock();

  const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(available, buffer.size()));
  if (wanted == 0) return std::optional<std::size_t>(0);
  TRY_ASSIGN(const std::size_t count, input_->read_at(offset, buffer.first(wanted)));
  lock.lock();  // a restart may have replaced the bytes in the meantime
  return generation_ == generation ? std::optional<std::size_t>(count) : std::nullopt;
}

}  // namespace mesh::buildpack
