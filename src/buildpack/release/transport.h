#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "buildpack/base/failure.h"
#include "platform/clock.h"
#include "platform/console.h"
#include "platform/http.h"

namespace mesh::buildpack {

struct TransportLimits {
  Duration connect = std::chrono::seconds(5);    // per attempt, until the connection is established
  Duration attempt = std::chrono::seconds(60);   // per attempt with its redirects, until the last byte
  Duration overall = std::chrono::seconds(150);  // no retry begins later than this after the transport was created
};

struct Reply {
  int status;
  Url url;  // the last URL after all redirects
  HttpResponse response;
  std::string text;  // the body, unless a receiver got it: see Transport
};

// Describes a reply without its content: "https://host/x answered 404", "file:///srv/x: /srv/x does not exist".
std::string describe(const Reply&);

// Receives the body of a 2xx response, over several attempts if necessary.
class Receiver {
 public:
  virtual ~Receiver() = default;
  // Called when an attempt begins.
  virtual void attempt() {}
  // Called when a body starts. Discards the bytes of previous attempts.
  virtual Result<void> start(const HttpResponse&) = 0;
  // Called when an attempt resumes the body at the end of the received bytes.
  virtual Result<void> resume(const HttpResponse&) = 0;
  // Returns the number of received bytes.
  virtual std::uint64_t received() const = 0;
  virtual Result<void> receive(std::span<const std::byte>) = 0;
  // Called at the end of the body. A failure fails the attempt.
  virtual Result<void> end() { return {}; }
  // Called regularly, even if no data arrives.
  virtual void tick() {}
};

// Sends requests, retries them and follows redirects. No other class does either.
//
// It retries with growing and jittered pauses. Transient failures get up to five attempts: connections refused, reset or
// timed out, no route, stalls, truncated bodies; 408, 416, 425, 429, 500, 502, 503, 504, 522, 524. DNS lookups, TLS
// handshakes and unexpected content (download::not-an-archive) get up to two. It honors Retry-After, in seconds or as a
// date, within the limits. It does not retry other failures.
//
// It resumes an interrupted download if the server sent a strong validator and still has the same content (RFC 9110,
// sections 13.1.5 and 14); otherwise it restarts the download. Another range than requested, or a range of other content, is
// one more failed attempt.
//
// It reads at most kMaxReplyText bytes of a reply's text. The status and headers of a response other than 2xx suffice: it is
// valid even if its text is truncated.
class Transport {
 public:
  static constexpr std::size_t kMaxReplyText = 4 * 1024 * 1024;

  // Borrows all. Logs each retry to the console.
  Transport(Http& http, Clock& clock, Console& console, TransportLimits limits)
      : http_(http), clock_(clock), console_(console), limits_(limits), start_(clock.now()) {}

  // Sends a GET request. Any status is a reply, including a redirect without a Location. Sends an Authorization header only
  // to the origin of the URL, and no longer after a redirect to another origin. Failures: those of Http::send, and
  // network::redirect for a redirect that is malformed, forms a loop or leads away from HTTPS.
  Result<Reply> get(const Url&, Redirects, std::vector<std::string> headers = {}) const;

  // Returns a transport for speculative requests in a background thread. It makes one attempt, logs nothing, and returns
  // build::interrupted soon after a stop was requested.
  Transport single_attempt(std::stop_token) const;

  // Sends a GET request and follows redirects. Passes the body of a 2xx response to the receiver. Failures: those of `get`.
  Result<Reply> download(const Url&, std::vector<std::string> headers, Receiver&) const;

 private:
  Http& http_;
  Clock& clock_;
  Console& console_;
  TransportLimits limits_;
  Moment start_;
  std::stop_token stop_ = {};  // for speculative requests
};

}  // namespace mesh::buildpack
