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

// A signature and the key that it is said to be made with, as their publisher gives them.
struct PublishedSignature {
  std::string signature;
  std::string public_key;  // or several
};

// Fetches both; the key only where none is known here. Precondition: the artifact has them. Failures:
// verify::signature-missing, verify::key-unknown, download::server-error, download::refused; as Transport::get.
Result<PublishedSignature> fetch_signature(const Artifact&, const std::string& known_keys, const Transport&);

// What a signature is checked with. Borrowed.
struct SignatureTools {
  const Transport& transport;
  Files& files;
  Processes& processes;
  Path gpgv;  // the program that checks
};

// The check of a file's signature while the file arrives, in a thread of its own: fetches the signature and the key beside
// the download, and gives the bytes that are on disk to gpgv. It decides nothing: whether a signature counts at all is known
// only once the file is there (Verification).
class EarlyCheck {
 public:
  // Checks what the file's generation of this moment will be. `bytes`: how many were announced. `known_keys`: what need
  // not be fetched. `scratch`: as in SignatureCheck. Borrows the file and the tools for its own life.
  EarlyCheck(Artifact artifact, std::optional<std::uint64_t> bytes, std::string known_keys, Path scratch, ArrivingFile&,
             const SignatureTools&);
  // Ends it, whether or not it is through.
  ~EarlyCheck() = default;
  EarlyCheck(const EarlyCheck&) = delete;
  EarlyCheck& operator=(const EarlyCheck&) = delete;

  // Waits for the end: as check_signature; nothing where the signature or the key could not be fetched at the first attempt,
  // or not as many bytes came as were announced, which says nothing yet. Precondition: the file is complete, and still of
  // that generation. Once.
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
