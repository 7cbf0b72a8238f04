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

// Gives the content of the one regular file called `name` in a gzipped tar archive to `binary`, and tells its size; other
// regular files and directories are passed over. Modes, owners and times in the archive do not count. Failures: archive::*,
// and those of the source and of `binary`.
Result<std::uint64_t> unpack(ByteSource, const ArchiveLimits&, std::string_view name, const ByteSink& binary);

// The same in a thread of its own, from a file that still arrives, into a file; begins anew when the former does. Nothing it
// writes counts before `finish`.
class BackgroundUnpack {
 public:
  // Borrows both for its own life.
  BackgroundUnpack(ArrivingFile&, const ArchiveLimits&, std::string_view name, OutputFile& binary);
  // Ends the thread, whether or not it is through.
  ~BackgroundUnpack() = default;
  BackgroundUnpack(const BackgroundUnpack&) = delete;
  BackgroundUnpack& operator=(const BackgroundUnpack&) = delete;

  // Waits for the end. Precondition: the file is complete. Failures: as unpack(), and those of writing. Once.
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
