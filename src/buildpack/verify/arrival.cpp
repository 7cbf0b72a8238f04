#include "buildpack/verify/arrival.h"

namespace mesh::buildpack {

Result<std::unique_ptr<Arrival>> Arrival::open(Files& files, const Path& directory, Packaging packaging,
                                               const ArchiveLimits& limits, std::string_view binary_name) {
  const Path binary_path = directory / "binary";
  const Path file_path = packaging == Packaging::archive ? directory / "archive" : binary_path;
  TRY_ASSIGN(auto file, ArrivingFile::create(files, file_path));
  std::unique_ptr<Arrival> arrival(new Arrival(file_path, binary_path, std::move(file)));
  if (packaging == Packaging::archive) {
    TRY_ASSIGN(arrival->binary_, files.create(binary_path));
    arrival->unpacking_.emplace(*arrival->file_, limits, binary_name, *arrival->binary_);
  }
  return arrival;
}

void Arrival::start_early_check(Artifact artifact, std::optional<std::uint64_t> bytes, std::string known_keys,
                                const SignatureTools& tools) {
  early_check_.emplace(std::move(artifact), bytes, std::move(known_keys), file_path_.parent_path(), *file_, tools);
}

std::optional<Result<SignedBy>> Arrival::finish_early_check() {
  return early_check_ ? early_check_->finish() : std::nullopt;
}

Result<UnpackedBinary> Arrival::finish(const Sha256& downloaded) {
  if (unpacking_) return unpacking_->finish();
  return UnpackedBinary{file_->size(), downloaded};
}

void Arrival::close() {
  early_check_.reset();
  unpacking_.reset();
  binary_.reset();
  file_.reset();
}

}  // namespace mesh::buildpack
