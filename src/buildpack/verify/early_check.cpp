#include "buildpack/verify/early_check.h"

#include <exception>

namespace mesh::buildpack {
namespace {

Result<std::string> fetch(const Url& url, Reason missing, const Transport& transport) {
  TRY_ASSIGN(Reply reply, transport.get(url, Redirects::follow));
  if (reply.status == 200) return std::move(reply.text);
  const std::string detail = describe(reply);
  if (reply.status == 404 || reply.status == 403 || reply.status == 410) return Failure{missing, detail};
  return Failure{reply.status >= 500 ? Reason::download_server_error : Reason::download_refused, detail};
}

}  // namespace

Result<PublishedSignature> fetch_signature(const Artifact& artifact, const std::string& known_keys,
                                           const Transport& transport) {
  TRY_ASSIGN(std::string signature, fetch(*artifact.signature, Reason::verify_signature_missing, transport));
  if (!known_keys.empty()) return PublishedSignature{std::move(signature), known_keys};
  TRY_ASSIGN(std::string key, fetch(*artifact.public_key, Reason::verify_key_unknown, transport));
  return PublishedSignature{std::move(signature), std::move(key)};
}

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
  const auto published = fetch_signature(artifact_, known_keys_, tools_.transport.single_attempt(stop));
  if (!published) return;
  result_ = check_signature(
      {file_.source(generation_, stop), bytes_, published->signature, published->public_key, scratch_, tools_.gpgv},
      tools_.files, tools_.processes);
} catch (const std::exception& error) {
  result_ = error_of(error);
}

}  // namespace mesh::buildpack
