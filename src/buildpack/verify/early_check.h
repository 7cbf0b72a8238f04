#pragma once

#include <optional>
#include <string>
#include <thread>

#include "buildpack/base/failure.h"
#include "buildpack/fetch/arriving_file.h"
#include "buildpack/release/plan.h"
#include "buildpack/release/transport.h"
#include "buildpack/verify/signature.h"
#include "platform/processes.h"

namespace mesh::buildpack {

// A published signature and its signing key.
struct PublishedSignature {
  std::string signature;
  std::string public_key;  // one or several
};

// Downloads the signature, and the key unless `known_keys` contains it. Precondition: the artifact has the URLs. Failures:
// verify::signature-missing, verify::key-unknown, download::server-error, download::refused; those of Transport::get.
Result<PublishedSignature> fetch_signature(const Artifact&, const std::string& known_keys, const Transport&);

// The dependencies of a signature check. Borrowed.
struct SignatureTools {
  const Transport& transport;
  Files& files;
  Processes& processes;
  Path gpgv;
};

// Checks a file's signature in a background thread during the download: fetches the signature and the key, and passes the
// bytes on disk to gpgv. Verification decides later whether the result matters.
class EarlyCheck {
 public:
  // Starts to check the file's current generation. `bytes`: the announced number. `known_keys`: keys that need no download.
  // `scratch`: as in SignatureCheck. Borrows the file and the tools for its lifetime.
  EarlyCheck(Artifact artifact, std::optional<std::uint64_t> bytes, std::string known_keys, Path scratch, ArrivingFile&,
             const SignatureTools&);
  // Stops the check, even if it is not finished.
  ~EarlyCheck() = default;
  EarlyCheck(const EarlyCheck&) = delete;
  EarlyCheck& operator=(const EarlyCheck&) = delete;

  // Waits for the result of check_signature. Returns nullopt without a result: the first attempt to download the signature
  // or the key failed, or the number of bytes differs from the announced one. Call it once. Precondition: the file is
  // complete, and still has that generation.
  std::optional<Result<SignedBy>> finish();

 private:
  void run(const std::stop_token&);

  Artifact artifact_;
  std::optional<std::uint64_t> bytes_;
  std::string known_keys_;
  Path scratch_;
  ArrivingFile& file_;
  int generation_;
  SignatureTools tools_;
  std::optional<Result<SignedBy>> result_;
  std::jthread thread_;
};

}  // namespace mesh::buildpack
