#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>

#include "buildpack/base/failure.h"
#include "buildpack/fetch/arriving_file.h"
#include "buildpack/fetch/gunzip.h"
#include "common/digest.h"

namespace mesh::buildpack {

struct UnpackedBinary {
  std::uint64_t bytes;
  Sha256 sha256;
};

// Writes the content of the regular file called `name` in a gzipped tar archive to `binary`, and returns its size. Skips
// other regular files and directories. Ignores modes, owners and times. Failures: archive::*, and those of the source and of
// `binary`.
Result<std::uint64_t> unpack(ByteSource, const ArchiveLimits&, std::string_view name, const ByteSink& binary);

// Unpacks a file in a background thread while it is downloaded. Restarts when the file does. The output is valid only after
// `finish`.
class BackgroundUnpack {
 public:
  // Borrows both for its lifetime.
  BackgroundUnpack(ArrivingFile&, const ArchiveLimits&, std::string_view name, OutputFile& binary);
  // Stops the thread, even if it is not finished.
  ~BackgroundUnpack() = default;
  BackgroundUnpack(const BackgroundUnpack&) = delete;
  BackgroundUnpack& operator=(const BackgroundUnpack&) = delete;

  // Waits for the result. Call it once. Precondition: the file is complete. Failures: those of unpack() and of writing.
  Result<UnpackedBinary> finish();

 private:
  void run(const std::stop_token&);
  Result<UnpackedBinary> unpack_generation(int generation, const std::stop_token&);

  ArrivingFile& file_;
  ArchiveLimits limits_;
  std::string_view name_;
  OutputFile& binary_;
  std::optional<Result<UnpackedBinary>> result_;
  std::jthread thread_;
};

}  // namespace mesh::buildpack
