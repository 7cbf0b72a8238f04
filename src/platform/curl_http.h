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
// trust roots. Transfers of several threads go over connections of their own.
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
  std::vector<std::unique_ptr<Handles>> idle_;  // with their connections; made when needed: a build from a file needs none
};

}  // namespace platform
}  // namespace mesh
