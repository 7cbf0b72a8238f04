#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "buildpack/base/failure.h"
#include "buildpack/fetch/unpack.h"
#include "buildpack/verify/early_check.h"
#include "platform/files.h"

namespace mesh::buildpack {

// A release while it is downloaded to the disk. An archive is unpacked during the download, and a binary's signature may be
// checked during the download.
class Arrival {
 public:
  // Creates its files in `directory`, which exists and is empty. Borrows the files. Failures: install::*.
  static Result<std::unique_ptr<Arrival>> open(Files&, const Path& directory, Packaging, const ArchiveLimits&,
                                               std::string_view binary_name);

  ArrivingFile& file() { return *file_; }
  const Path& file_path() const { return file_path_; }      // of the download
  const Path& binary_path() const { return binary_path_; }  // of the mesh binary

  // Starts to check the signature during the download. Discards a previous check.
  void start_early_check(Artifact, std::optional<std::uint64_t> bytes, std::string known_keys, const SignatureTools&);

  // Returns the result of EarlyCheck::finish; nullopt if no check was started.
  std::optional<Result<SignedBy>> finish_early_check();

  // Waits for the end of the unpacking. Call it once. Precondition: the file is complete, and `downloaded` is its digest.
  // Failures: those of unpack().
  Result<UnpackedBinary> finish(const Sha256& downloaded);

  // Closes the files, because a binary that is open for writing cannot be executed. Precondition: finished.
  void close();

 private:
  Arrival(Path file_path, Path binary_path, std::unique_ptr<ArrivingFile> file)
      : file_path_(std::move(file_path)), binary_path_(std::move(binary_path)), file_(std::move(file)) {}

  // The order matters: threads end before their files are closed.
  Path file_path_;
  Path binary_path_;
  std::unique_ptr<ArrivingFile> file_;
  std::unique_ptr<OutputFile> binary_;
  std::optional<BackgroundUnpack> unpacking_;  // of an archive
  std::optional<EarlyCheck> early_check_;
};

}  // namespace mesh::buildpack
