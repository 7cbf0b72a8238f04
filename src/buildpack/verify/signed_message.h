#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mesh::buildpack {

// Whether these bytes are signature packets, one or several, and nothing else. In a detached signature anything else has no
// business: least of all content that it could be about in the place of the file's.
bool holds_signatures_alone(std::string_view packets);

// What, put before a file's content, makes one signed OpenPGP message of it and its detached signature: the signature packet
// as it is, and the head of a literal data packet that holds as many bytes as the content has (RFC 4880, sections 4.2, 5.9
// and 11.3: "Signature Packet, OpenPGP Message"). gpgv 2.2 hashes such a message in blocks, but a file with a detached
// signature byte by byte, which takes three times as long.
//
// Nothing where the signature is anything else than one of version 4, of a binary document, alone: with another packet
// beside it, the message might be about other content than this file's; and in a message, unlike in a detached signature,
// one by an unknown key spoils a good one beside it.
std::optional<std::string> signed_message_head(std::string_view signature, std::uint64_t content_bytes);

}  // namespace mesh::buildpack
