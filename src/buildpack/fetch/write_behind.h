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

// Writes a file, and digests what it writes, in a thread of its own: whoever makes the bytes need not wait for either.
class WriteBehind {
 public:
  // Borrows the file for its own life.
  explicit WriteBehind(OutputFile&);
  // Ends the thread. What is still to be written then may be left out.
  ~WriteBehind() = default;
  WriteBehind(const WriteBehind&) = delete;
  WriteBehind& operator=(const WriteBehind&) = delete;

  // Takes a copy of the bytes; waits while much is still to be written. Failures: those of writing what was appended before.
  common::Result<void> append(std::span<const std::byte>);

  // Waits until all is written: its digest. Failures: those of writing. Once, and last.
  common::Result<Sha256> finish();

 private:
  using Buffer = std::vector<std::byte>;

  void run(const std::stop_token&);
  std::optional<Buffer> next(const std::stop_token&);
  common::Result<void> write(const Buffer&);
  void done_with(Buffer, common::Result<void>);

  OutputFile& file_;
  Sha256Stream sha256_;  // the thread's, until it has ended

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Buffer> waiting_;
  std::vector<Buffer> spare_;
  std::optional<Error> error_;
  bool is_last_ = false;  // nothing more is appended

  std::jthread thread_;
};

}  // namespace mesh::buildpack
