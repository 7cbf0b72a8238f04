#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mesh::buildpack {

// Parses the fingerprint of an OpenPGP key (RFC 4880, section 12.2; RFC 9580, section 5.5.4): 40 or 64 hexadecimal digits,
// with spaces anywhere, after an optional "0x". Returns it in upper case without spaces; nullopt for anything else, such as
// a short key id.
std::optional<std::string> parse_fingerprint(std::string_view);

}  // namespace mesh::buildpack
