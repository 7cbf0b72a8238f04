#include "buildpack/fetch/write_behind.h"

#include <exception>
#include <utility>

namespace mesh::buildpack {
namespace {

constexpr std::size_t kMaxWaiting = 4;

}  // namespace

WriteBehind::WriteBehind(OutputFile& file) : file_(file), thread_([this](const std::stop_token& stop) { run(stop); }) {}

common::Result<void> WriteBehind::append(std::span<const std::byte> bytes) {
  Buffer buffer;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.size() < kMaxWaiting || error_; });
    if (error_) return *error_;
    if (!spare_.empty()) {
      buffer = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  buffer.assign(bytes.begin(), bytes.end());
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(buffer));
  changed_.notify_all();
  return {};
}

common::Result<Sha256> WriteBehind::finish() {
  {
    const std::lock_guard lock(mutex_);
    is_last_ = true;
    changed_.notify_all();
  }
  thread_.join();
  if (error_) return *error_;
  return sha256_.finish();
}

void WriteBehind::run(const std::stop_token& stop) {
  while (auto buffer = next(stop)) {
    auto written = write(*buffer);
    done_with(*std::move(buffer), std::move(written));
  }
}

// Returns nullopt at the end, after an error, or if a stop was requested.
std::optional<WriteBehind::Buffer> WriteBehind::next(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [&] { return !waiting_.empty() || is_last_ || error_; });
  if (waiting_.empty() || error_ || stop.stop_requested()) return std::nullopt;
  Buffer buffer = std::move(waiting_.front());
  waiting_.pop_front();
  return buffer;
}

common::Result<void> WriteBehind::write(const Buffer& buffer) try {
  sha256_.add(buffer);
  return file_.append(buffer);
} catch (const std::exception& error) {
  return error_of(error);
}

void WriteBehind::done_with(Buffer buffer, common::Result<void> written) {
  const std::lock_guard lock(mutex_);
  if (!written) error_ = std::move(written).failure();
  spare_.push_back(std::move(buffer));
  changed_.notify_all();
}

}  // namespace mesh::buildpack
