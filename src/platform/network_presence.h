#pragma once

namespace mesh {
inline namespace platform {

// Whether this machine has an address that is more than itself: of an interface that is up, neither the loopback's nor an
// IPv6 link-local one, which every interface gives itself (RFC 4862, section 5.3). True where that cannot be told.
bool has_network();

}  // namespace platform
}  // namespace mesh
