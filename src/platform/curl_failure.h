#pragma once

#include <curl/curl.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "platform/url.h"

namespace mesh {
inline namespace platform {

// The error of a libcurl transfer.
struct CurlError {
  CURLcode code;
  std::string_view message;              // of libcurl; may be empty
  std::vector<int> connect_errors = {};  // errno of each failed connection, in their order
  bool memory_ran_out = false;           // whether an allocation failed during the transfer
};

// Converts the error of a transfer. `proxy` is the configured proxy for the URL, or empty. Returns network errors and
// out_of_resources.
Error transfer_failure(const CurlError&, const Url&, const std::string& proxy);

// Returns the port of the URL, or the default port of its scheme.
int port_of(const Url&);

// Returns "host:port" of a configured proxy; empty for a malformed one.
std::string proxy_name(const std::string& proxy);

}  // namespace platform
}  // namespace mesh
