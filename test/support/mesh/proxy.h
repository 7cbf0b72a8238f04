#pragma once

#include "config.h"
#include "log.h"
#include "socket.h"

namespace standin {

// Refers to the objects that serving a request needs. They outlive the threads that serve.
struct Proxy {
  const Product& product;
  const Config& config;
  const Log& log;
};

// Serves HTTP on `listener` for ever, one thread per connection and one request per connection:
//
//   /__herokuIntegrationServiceMeshInfo   200, the version, answered here
//   a route that bypasses the checks      forwarded to the app; /healthcheck is one unless the YAML file says otherwise
//   x-client-context or x-signature       forwarded to the app
//   only x-request-context                400 `400 Invalid request`
//   none of these headers                 401 `401 Invalid request`
//
// 502 `Failed to forward request <id>` when the app does not answer. Each request is logged as the real mesh logs it.
//
// Unlike the real mesh, the stand-in does not authenticate callers with the add-on, and does not follow the app's redirects.
[[noreturn]] void serve(const Socket& listener, const Proxy& proxy);

}  // namespace standin
