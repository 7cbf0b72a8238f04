#pragma once

#include <memory>
#include <string_view>

#include "install/unpack.h"
#include "platform/files.h"

namespace mesh {

// Where an installation is prepared: a temporary directory inside the app's own, so that putting a file into its place is a
// rename. The archive arrives here and is unpacked while it does. All of it is gone at the end of the scope.
class Staging {
 public:
  // Borrows the files. Failures: install::*.
  static Result<std::unique_ptr<Staging>> open(Files&, const Path& app, const ArchiveLimits&, std::string_view binary_name);

  const Path& path() const { return directory_.path(); }
  Path binary_path() const { return path() / "binary"; }

  ArrivingFile& archive() { return *archive_; }

  // Waits for the end of the unpacking. Precondition: the archive is complete. Once. Failures: as unpack().
  Result<UnpackedBinary> unpacked() { return unpacking_.finish(); }

 private:
  Staging(TemporaryDirectory, std::unique_ptr<ArrivingFile>, std::unique_ptr<OutputFile>, const ArchiveLimits&,
          std::string_view binary_name);

  // In this order: the thread ends before its files are closed, and those before the directory goes.
  TemporaryDirectory directory_;
  std::unique_ptr<ArrivingFile> archive_;
  std::unique_ptr<OutputFile> binary_;
  BackgroundUnpack unpacking_;
};

}  // namespace mesh
