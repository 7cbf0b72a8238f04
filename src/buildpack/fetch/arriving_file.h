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

// A file on disk that one thread writes while another reads it: unpacking runs in parallel with the download.
class ArrivingFile {
 public:
  static Result<std::unique_ptr<ArrivingFile>> create(Files&, const Path&);

  // The writer's functions.
  Result<void> append(std::span<const std::byte>);
  Result<void> restart();  // empties the file for a new attempt and wakes the readers
  void complete();         // marks the end of the file
  std::uint64_t size() const { return written_; }

  // The readers' functions. They stop waiting if a stop is requested. A generation is the content between two restarts.
  int generation() const;
  // Waits for bytes at `offset`, then reads some of them. Returns 0 at the end of a complete file, and nullopt if a stop was
  // requested or a newer generation has begun.
  common::Result<std::optional<std::size_t>> read_at(int generation, std::uint64_t offset, std::span<std::byte> buffer,
                                                     const std::stop_token& = {});
  // Returns a source of the bytes of a generation, from the first one, read with read_at.
  ByteSource source(int generation, std::stop_token = {});
  // Waits until the file is restarted or complete. Returns true if a newer generation has begun, and false if the file is
  // complete or a stop was requested.
  bool wait_for_newer(int generation, const std::stop_token& = {});

 private:
  ArrivingFile(std::unique_ptr<OutputFile> output, std::unique_ptr<InputFile> input)
      : output_(std::move(output)), input_(std::move(input)) {}

  std::unique_ptr<OutputFile> output_;
  std::unique_ptr<InputFile> input_;
  std::uint64_t written_ = 0;  // used only by the writer

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t available_ = 0;
  int generation_ = 0;
  bool is_complete_ = false;
};

}  // namespace mesh::buildpack
