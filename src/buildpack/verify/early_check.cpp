#include "buildpack/verify/early_check.h"

#include <exception>

#include "buildpack/verify/published_signature.h"

namespace mesh::buildpack {

EarlyCheck::EarlyCheck(Artifact artifact, std::optional<std::uint64_t> bytes, std::string known_keys, Path scratch,
                       ArrivingFile& file, const SignatureTools& tools)
    : artifact_(std::move(artifact)),
      bytes_(bytes),
      known_keys_(std::move(known_keys)),
      scratch_(std::move(scratch)),
      file_(file),
      generation_(file.generation()),
      tools_(tools),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

std::optional<Result<SignedBy>> EarlyCheck::finish() {
  thread_.join();
  if (bytes_.value_or(file_.size()) != file_.size()) return std::nullopt;
  return std::move(result_);
}

void EarlyCheck::run(const std::stop_token& stop) try {
  const auto published = fetch_signature(artifact_, known_keys_, tools_.transport.hasty(stop));
  if (!published) return;
  result_ = check_signature(
      {file_.source(generation_, stop), bytes_, published->signature, published->public_key, scratch_, tools_.gpgv},
      tools_.files, tools_.processes);
} catch (const std::exception& error) {
  result_ = failure_of(error);
}

}  // namespace mesh::buildpack
