#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "platform/http.h"
#include "platform/stop_signal.h"
#include "platform/trust_roots.h"

namespace mesh {

// Proxies, as the settings give them: full addresses or host:port; empty for none.
struct ProxySettings {
  std::string for_http = {};
  std::string for_https = {};
  std::string exceptions = {};  // no_proxy
};

struct CurlHttpSettings {
  std::string user_agent;
  TrustRoots trust_roots;
  ProxySettings proxies;
  std::function<void(std::string_view)> on_proxy = {};  // told before a proxy is first used: its host and port
};

// HTTP and HTTPS by libcurl. Connections are kept for the next request. Reads no environment variable and no file but the
// trust roots. Not for several threads at a time.
class CurlHttp final : public Http {
 public:
  // Borrows the signal.
  CurlHttp(CurlHttpSettings, const StopSignal&);
  ~CurlHttp() override;

  Result<HttpResponse> get(const HttpRequest&, HttpSink&) override;

 private:
  struct Handles;

  void announce(const std::string& proxy);

  CurlHttpSettings settings_;
  const StopSignal& stop_;
  std::unique_ptr<Handles> handles_;  // made by the first request: a build from a file needs none
  std::atomic<bool> is_proxy_announced_ = false;
};

}  // namespace mesh
