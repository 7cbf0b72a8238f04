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

// The answer's head. An answer from the file system looks like one from a server: see FileHttp.
struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers = {};

  // The value of the first header of that name, in any case of letters.
  std::optional<std::string> header(std::string_view name) const;
};

// A date in one of the three forms of RFC 9110, section 5.6.7. Nothing for anything else.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view);

// Which bytes of a content an answer holds (RFC 9110, section 14.4).
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::optional<std::uint64_t> complete_length = {};  // of the content, where the server knows it

  bool operator==(const ContentRange&) const = default;
};

// The value of a Content-Range header: one range of bytes. Nothing for anything else.
std::optional<ContentRange> parse_content_range(std::string_view);

// Takes an answer as it arrives.
class HttpSink {
 public:
  virtual ~HttpSink() = default;
  // Before the first byte of the body. An error ends the transfer and becomes its result; so for the next.
  virtual Result<void> begin(const HttpResponse&) = 0;
  virtual Result<void> body(std::span<const std::byte>) = 0;
  // Now and then while the transfer goes on, also when nothing arrives.
  virtual Result<void> tick() { return {}; }
};

// The seam to the network: one request, no redirect followed, nothing tried again. May be used by several threads at a
// time.
class Http {
 public:
  virtual ~Http() = default;

  // Errors: those of the network; out_of_resources; cancelled when a signal came; and whatever the sink returned. Any HTTP
  // status is an answer, not an error.
  virtual Result<HttpResponse> send(const HttpRequest&, HttpSink&) = 0;
};

}  // namespace platform
}  // namespace mesh
