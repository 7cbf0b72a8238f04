#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "platform/byte_source.h"
#include "platform/files.h"

namespace mesh::buildpack {

// A file on disk that one thread reads while another still writes it: the unpacking follows the download.
class ArrivingFile {
 public:
  static Result<std::unique_ptr<ArrivingFile>> create(Files&, const Path&);

  // For the writer.
  Result<void> append(std::span<const std::byte>);
  Result<void> restart();        // empty again, because a new attempt begins; readers are told
  void complete();               // no more bytes come
  void abandon();                // nobody needs the content any more; readers are told
  void abandon(int generation);  // the same, unless a newer generation has begun
  std::uint64_t size() const { return written_; }

  // For the reader. A generation is what lies between two restarts.
  int generation() const;
  // Waits until there are bytes at `offset`, then reads some. 0 at the end of a complete file; nothing when the file was
  // abandoned or is of another generation by now.
  Result<std::optional<std::size_t>> read_at(int generation, std::uint64_t offset, std::span<std::byte> buffer);
  // The bytes of a generation from the first one on, read as above.
  ByteSource source(int generation);
  // Waits until it is known whether `generation` is the last one: true when a newer one has begun, false when the file was
  // completed or abandoned.
  bool wait_for_newer(int generation);

 private:
  ArrivingFile(std::unique_ptr<OutputFile> output, std::unique_ptr<InputFile> input)
      : output_(std::move(output)), input_(std::move(input)) {}

  std::unique_ptr<OutputFile> output_;
  std::unique_ptr<InputFile> input_;
  std::uint64_t written_ = 0;  // the writer's own count

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t available_ = 0;
  int generation_ = 0;
  enum class State { growing, complete, abandoned } state_ = State::growing;
};

}  // namespace mesh::buildpack
