#pragma once

#include <cstdint>

#include "socket.h"

namespace standin {

// Serves HTTP on `listener` for ever, one thread per connection and one request per connection:
//
//   /healthcheck                          200, answered here
//   /__herokuIntegrationServiceMeshInfo   200, the version as JSON, answered here
//   anything without x-client-context     401 `Invalid request`
//   anything else                         forwarded to 127.0.0.1:app_port; 502 `Failed to forward request` when nobody
//                                         answers there
//
// The real mesh looks into x-client-context (who calls, from which Salesforce org); the stand-in only wants it to be there.
[[noreturn]] void serve(const Socket& listener, std::uint16_t app_port);

}  // namespace standin
