#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include "common/digest.h"
#include "platform/files.h"

namespace mesh::buildpack {

// Writes a file and computes its digest in a background thread, so that the producer of the bytes waits for neither.
class WriteBehind {
 public:
  // Borrows the file for its lifetime.
  explicit WriteBehind(OutputFile&);
  // Stops the thread. Bytes that are not yet written may be lost.
  ~WriteBehind() = default;
  WriteBehind(const WriteBehind&) = delete;
  WriteBehind& operator=(const WriteBehind&) = delete;

  // Queues a copy of the bytes. Waits while the queue is full. Failures: those of writing earlier bytes.
  common::Result<void> append(std::span<const std::byte>);

  // Waits until all bytes are written, and returns their digest. Call it once, as the last function. Failures: those of
  // writing.
  common::Result<Sha256> finish();

 private:
  using Buffer = std::vector<std::byte>;

  void run(const std::stop_token&);
  std::optional<Buffer> next(const std::stop_token&);
  common::Result<void> write(const Buffer&);
  void done_with(Buffer, common::Result<void>);

  OutputFile& file_;
  Sha256Stream sha256_;  // used only by the thread until it ends

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Buffer> waiting_;
  std::vector<Buffer> spare_;
  std::optional<Error> error_;
  bool is_last_ = false;  // finish was called

  std::jthread thread_;
};

}  // namespace mesh::buildpack
