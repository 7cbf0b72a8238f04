#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.h"
#include "platform/clock.h"
#include "platform/url.h"

namespace mesh {
inline namespace platform {

enum class HttpMethod { get, post };

// Selects whether a redirect is followed or returned.
enum class Redirects { follow, report };

// Returns whether a line "Name: value" is the header of this name, in any case of letters.
bool is_header(std::string_view line, std::string_view name);

struct HttpRequest {
  Url url;
  std::vector<std::string> headers = {};    // "Name: value"
  Duration connect_limit;                   // until the connection is made, TLS included
  Duration total_limit;                     // until the last byte
  Redirects redirects = Redirects::follow;  // if report, a link at a file: address is a redirect too
  HttpMethod method = HttpMethod::get;
  std::string body = {};  // of a POST; its type is in the headers
};

// The head of a response. FileHttp returns the same for files.
struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers = {};

  // Returns the value of the first header of this name, in any case of letters.
  std::optional<std::string> header(std::string_view name) const;
};

// Parses a date in one of the three forms of RFC 9110, section 5.6.7. Returns nullopt for other text.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view);

// The range of bytes in a partial response (RFC 9110, section 14.4).
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::optional<std::uint64_t> complete_length = {};  // of the content; nullopt if the server does not know it

  bool operator==(const ContentRange&) const = default;
};

// Parses a Content-Range header with one range of bytes. Returns nullopt for other text.
std::optional<ContentRange> parse_content_range(std::string_view);

// Receives a response while it arrives.
class HttpSink {
 public:
  virtual ~HttpSink() = default;
  // Called before the first byte of the body. An error of any of these functions ends the transfer and becomes its result.
  virtual Result<void> begin(const HttpResponse&) = 0;
  virtual Result<void> body(std::span<const std::byte>) = 0;
  // Called regularly during the transfer, even if no data arrives.
  virtual Result<void> tick() { return {}; }
};

// Interface to the network: one request, without redirects and retries. Several threads may use it at a time.
class Http {
 public:
  virtual ~Http() = default;

  // Sends a request. A response with any HTTP status is a success. Errors: those of the network, out_of_resources, cancelled
  // if a signal arrived, and those of the sink.
  virtual Result<HttpResponse> send(const HttpRequest&, HttpSink&) = 0;
};

}  // namespace platform
}  // namespace mesh
