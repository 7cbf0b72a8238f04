#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http.h"

namespace mesh {

// The response to a request, or a failure after part of a response.
struct ScriptedAnswer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::optional<Error> failure = {};
  std::function<void()> before = {};  // runs as the request comes in
};

ScriptedAnswer answer(int status, std::string body = {});
ScriptedAnswer redirect_to(std::string location);
ScriptedAnswer failing(ErrorKind, std::string partial_body = {});

// A network that answers by script: a queue for each address, whose last answer stays. Any other address is a 404.
class ScriptedHttp final : public Http {
 public:
  void on(std::string_view url, ScriptedAnswer);

  Result<HttpResponse> send(const HttpRequest&, HttpSink&) override;

  const std::vector<HttpRequest>& requests() const { return requests_; }
  // The addresses asked for, in order.
  std::vector<std::string> addresses() const;

 private:
  ScriptedAnswer take_turn(const HttpRequest&);
  ScriptedAnswer next(const std::string& url);

  std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();  // which can be moved
  std::map<std::string, std::deque<ScriptedAnswer>> script_;
  std::vector<HttpRequest> requests_;
};

}  // namespace mesh
