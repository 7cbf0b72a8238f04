#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>

#include "buildpack/base/failure.h"
#include "platform/byte_source.h"
#include "platform/files.h"

namespace mesh::buildpack {

// A file on disk that one thread reads while another still writes it: the unpacking follows the download.
class ArrivingFile {
 public:
  static Result<std::unique_ptr<ArrivingFile>> create(Files&, const Path&);

  // For the writer.
  Result<void> append(std::span<const std::byte>);
  Result<void> restart();  // empties the file for a new attempt and wakes the readers
  void complete();         // no more bytes come
  std::uint64_t size() const { return written_; }

  // For the reader, who waits until a stop is requested at the longest. A generation is what lies between two restarts.
  int generation() const;
  // Waits until there are bytes at `offset`, then reads some. 0 at the end of a complete file; nothing when a stop was
  // requested or the file is of another generation by now.
  common::Result<std::optional<std::size_t>> read_at(int generation, std::uint64_t offset, std::span<std::byte> buffer,
                                                     const std::stop_token& = {});
  // The bytes of a generation from the first one on, read as above.
  ByteSource source(int generation, std::stop_token = {});
  // Waits until it is known whether `generation` is the last one: true when a newer one has begun, false when the file was
  // completed or a stop was requested.
  bool wait_for_newer(int generation, const std::stop_token& = {});

 private:
  ArrivingFile(std::unique_ptr<OutputFile> output, std::unique_ptr<InputFile> input)
      : output_(std::move(output)), input_(std::move(input)) {}

  std::unique_ptr<OutputFile> output_;
  std::unique_ptr<InputFile> input_;
  std::uint64_t written_ = 0;  // the writer's own count

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t available_ = 0;
  int generation_ = 0;
  bool is_complete_ = false;
};

}  // namespace mesh::buildpack
