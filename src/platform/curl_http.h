#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "platform/http.h"
#include "platform/stop_signal.h"
#include "platform/trust_roots.h"

namespace mesh {
inline namespace platform {

// The configured proxies: full URLs or host:port; empty for none.
struct ProxySettings {
  std::string for_http = {};
  std::string for_https = {};
  std::string exceptions = {};  // no_proxy
};

struct CurlHttpSettings {
  std::string user_agent;
  TrustRoots trust_roots;
  ProxySettings proxies;
  std::function<void(std::string_view)> on_proxy = {};  // called with "host:port" before the first use of a proxy
};

// Sends HTTP and HTTPS requests with libcurl. Reuses connections. Reads no environment variables, and no files except the
// trust roots. Several threads may send requests at a time; each uses its own connections.
class CurlHttp final : public Http {
 public:
  // Borrows the signal.
  CurlHttp(CurlHttpSettings, const StopSignal&);
  ~CurlHttp() override;

  Result<HttpResponse> send(const HttpRequest&, HttpSink&) override;

 private:
  struct Handles;
  std::unique_ptr<Handles> take_handles();
  void leave(std::unique_ptr<Handles>);

  void announce(const std::string& proxy);

  CurlHttpSettings settings_;
  const StopSignal& stop_;
  std::atomic<bool> is_proxy_announced_ = false;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Handles>> idle_;  // with open connections; created on demand
};

}  // namespace platform
}  // namespace mesh
