#pragma once

#include <string>

#include "buildpack/release/plan.h"
#include "buildpack/release/transport.h"

namespace mesh::buildpack {

// A signature and the key that it is said to be made with, as their publisher gives them.
struct PublishedSignature {
  std::string signature;
  std::string public_key;  // or several
};

// Fetches both; the key only where none is known here. Precondition: the artifact has them. Failures:
// verify::signature-missing, verify::key-unknown, download::server-error, download::refused; as Transport::get.
Result<PublishedSignature> fetch_signature(const Artifact&, const std::string& known_keys, const Transport&);

}  // namespace mesh::buildpack
