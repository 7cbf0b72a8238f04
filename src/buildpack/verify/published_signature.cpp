#include "buildpack/verify/published_signature.h"

namespace mesh::buildpack {
namespace {

Result<std::string> fetch(const Url& url, Reason missing, const Transport& transport) {
  TRY_ASSIGN(Reply reply, transport.get(url, Redirects::follow));
  if (reply.status == 200) return std::move(reply.text);
  const std::string words = describe(reply);
  if (reply.status == 404 || reply.status == 403 || reply.status == 410) return Failure{missing, words};
  return Failure{reply.status >= 500 ? Reason::download_server_error : Reason::download_refused, words};
}

}  // namespace

Result<PublishedSignature> fetch_signature(const Artifact& artifact, const std::string& known_keys,
                                           const Transport& transport) {
  TRY_ASSIGN(std::string signature, fetch(*artifact.signature, Reason::verify_signature_missing, transport));
  if (!known_keys.empty()) return PublishedSignature{std::move(signature), known_keys};
  TRY_ASSIGN(std::string key, fetch(*artifact.public_key, Reason::verify_key_unknown, transport));
  return PublishedSignature{std::move(signature), std::move(key)};
}

}  // namespace mesh::buildpack
