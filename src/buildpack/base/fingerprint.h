#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mesh::buildpack {

// The fingerprint of an OpenPGP key (RFC 4880, section 12.2; RFC 9580, section 5.5.4): 40 or 64 hexadecimal digits, with
// blanks anywhere and perhaps "0x" in front. Upper-case and without blanks; nothing for anything else, short key ids among
// it.
std::optional<std::string> parse_fingerprint(std::string_view);

}  // namespace mesh::buildpack
