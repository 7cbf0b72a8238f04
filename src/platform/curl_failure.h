#pragma once

#include <curl/curl.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "platform/url.h"

namespace mesh {
inline namespace platform {

// How a transfer of libcurl's ended badly.
struct CurlError {
  CURLcode code;
  std::string_view words;                // libcurl's; may be empty
  std::vector<int> connect_errors = {};  // errno of each connection that could not be made, in their order
  bool memory_ran_out = false;           // whether an allocation failed during the transfer
};

// The same in our words. `proxy` is the one that the transfer would use, unless the address is excepted: as the settings
// give it, empty for none. Errors: those of the network, and out_of_resources.
Error transfer_failure(const CurlError&, const Url&, const std::string& proxy);

// The port that the address is served at.
int port_of(const Url&);

// A proxy's host and port, of an address as the settings give it; nothing for one that is none.
std::string proxy_name(const std::string& proxy);

}  // namespace platform
}  // namespace mesh
