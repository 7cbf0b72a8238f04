#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mesh::buildpack {

// Returns whether these bytes are one or several signature packets, and nothing else. A detached signature must not contain
// other packets, which could be the signed content in place of the file's.
bool contains_only_signatures(std::string_view packets);

// Returns the head that turns a file's content and its detached signature into one signed OpenPGP message: the signature
// packet and the header of a literal data packet with the content's size (RFC 4880, sections 4.2, 5.9 and 11.3: "Signature
// Packet, OpenPGP Message"). gpgv 2.2 hashes such a message in blocks, but a file with a detached signature byte by byte,
// which takes three times as long.
//
// Returns nullopt unless the signature is a single packet of version 4 for a binary document. With another packet, the
// message could be about other content than the file's. In a message, a signature by an unknown key also invalidates a good
// one.
std::optional<std::string> signed_message_head(std::string_view signature, std::uint64_t content_bytes);

}  // namespace mesh::buildpack
