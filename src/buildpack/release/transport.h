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
  Duration connect = std::chrono::seconds(5);    // per attempt, until the connection stands
  Duration attempt = std::chrono::seconds(60);   // per attempt, redirects included, until the last byte
  Duration overall = std::chrono::seconds(150);  // nothing is tried again later than this after the transport was made
};

struct Reply {
  int status;
  Url url;  // the one that answered, behind all redirects
  HttpResponse response;
  std::string text;  // the body of any answer but 2xx, and of 2xx when no receiver was given: see Transport
};

// Describes an answer without its content: "https://host/x answered 404", "file:///srv/x: /srv/x does not exist".
std::string describe(const Reply&);

// Takes the body of a 2xx answer, over as many attempts as it needs.
class Receiver {
 public:
  virtual ~Receiver() = default;
  // An attempt begins.
  virtual void attempt() {}
  // A body starts; what came before is void.
  virtual Result<void> start(const HttpResponse&) = 0;
  // The body goes on where the last attempt broke off.
  virtual Result<void> go_on(const HttpResponse&) = 0;
  // How many bytes of the body are there.
  virtual std::uint64_t received() const = 0;
  virtual Result<void> receive(std::span<const std::byte>) = 0;
  // The body has come to its end. A failure is the attempt's.
  virtual Result<void> end() { return {}; }
  // Now and then, also when nothing arrives.
  virtual void tick() {}
};

// The one place where a request is tried again and a redirect is followed.
//
// Tried again, with growing and jittered pauses: what tends to pass (connections refused, reset or timed out, no way to the
// server, standstills, truncated bodies; 408, 416, 425, 429, 500, 502, 503, 504, 522, 524), up to five attempts; name
// lookups, TLS handshakes and answers of the wrong kind (download::not-an-archive), up to two. Retry-After, in seconds or as
// a date, is honoured as far as the limits allow. Not tried again: everything that a second attempt would not change.
//
// A download that broke off goes on where it was, if the server named a strong validator and still has that very content
// (RFC 9110, sections 13.1.5 and 14); otherwise it starts anew. A part that is not the one asked for, or of other content,
// counts as one more break.
//
// The text of an answer is taken as far as kMaxReplyText and no farther. An answer other than 2xx has said what it means by
// its status and its headers: it counts also where its text does not come to its end.
class Transport {
 public:
  static constexpr std::size_t kMaxReplyText = 4 * 1024 * 1024;

  // Borrows all; the console hears of each retry.
  Transport(Http& http, Clock& clock, Console& console, TransportLimits limits)
      : http_(http), clock_(clock), console_(console), limits_(limits), start_(clock.now()) {}

  // Any status is a reply, a redirect without an address among them. An Authorization header goes to the first address's
  // origin alone, and no more once a redirect led elsewhere. Failures: as Http::send; network::redirect for a redirect that
  // leads nowhere, in circles or away from https.
  Result<Reply> get(const Url&, Redirects, std::vector<std::string> headers = {}) const;

  // For what is only tried ahead of time, in a thread of its own: one attempt, without a word to the console, that ends with
  // build::interrupted soon after a stop was requested.
  Transport hasty(std::stop_token) const;

  // As above, following redirects, with the body of a 2xx answer going to the receiver.
  Result<Reply> download(const Url&, std::vector<std::string> headers, Receiver&) const;

 private:
  Http& http_;
  Clock& clock_;
  Console& console_;
  TransportLimits limits_;
  Moment start_;
  std::stop_token stop_ = {};  // of a hasty one
};

}  // namespace mesh::buildpack
