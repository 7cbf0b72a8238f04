#include "buildpack/release/transport.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

#include "common/text.h"

namespace mesh::buildpack {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kMaxRedirects = 5;
constexpr int kMaxAttempts = 5;
constexpr milliseconds kFirstPause{500};

bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

int allowed_attempts(int status) {
  constexpr std::array kPassing = {408, 416, 425, 429, 500, 502, 503, 504, 522, 524};
  return std::ranges::find(kPassing, status) == kPassing.end() ? 1 : kMaxAttempts;
}

int allowed_attempts(Reason reason) {
  switch (entry(reason).retry) {
    case Retry::repeatedly: return kMaxAttempts;
    case Retry::once: return 2;
    case Retry::never:
    case Retry::refetch: return 1;
  }
  return 1;
}

bool is_credential(std::string_view header) { return is_header(header, "Authorization"); }

// Returns the entity tag of a response if it guarantees the same bytes (RFC 9110, section 8.8.1), otherwise an empty string.
std::string strong_validator(const HttpResponse& response) {
  std::string tag = response.header("ETag").value_or("");
  return tag.starts_with('"') ? tag : "";
}

// The progress of a download over its attempts.
struct Progress {
  Receiver* receiver = nullptr;
  std::string validator = {};  // of the received content

  bool can_resume() const { return receiver != nullptr && !validator.empty() && receiver->received() > 0; }

  std::vector<std::string> headers() const {
    if (!can_resume()) return {};
    return {fmt::format("Range: bytes={}-", receiver->received()), "If-Range: " + validator};
  }
};

// Stores the body of a response, or passes it to the receiver. Stores its own failure, and cancels the transfer then.
class ReplySink final : public HttpSink {
 public:
  ReplySink(Progress& progress, std::stop_token stop)
      : progress_(progress), receiver_(progress.receiver), stop_(std::move(stop)) {}

  common::Result<void> begin(const HttpResponse& response) override { return cancel_on_failure(take_head(response)); }

  common::Result<void> body(std::span<const std::byte> bytes) override { return cancel_on_failure(take_body(bytes)); }

  common::Result<void> tick() override {
    if (stop_.stop_requested()) return Error{ErrorKind::cancelled, ""};
    if (receiver_ != nullptr) receiver_->tick();
    return {};
  }

  // Returns the response of a finished transfer.
  Result<HttpResponse> answer(common::Result<HttpResponse> ended) {
    if (ended) {
      if (to_receiver_) TRY(end_of_content());
      return ended;
    }
    const Failure failure = failure_ ? *std::move(failure_) : Failure(std::move(ended).failure());
    const bool says_enough = response_ && !to_receiver_ && (is_full_ || response_->status / 100 != 2);
    if (!says_enough || failure.reason == Reason::build_interrupted) return failure;
    return *std::move(response_);
  }

  std::string take_text() { return std::move(text_); }

 private:
  common::Result<void> cancel_on_failure(Result<void> taken) {
    if (taken) return {};
    failure_ = std::move(taken).failure();
    return Error{ErrorKind::cancelled, ""};
  }

  Result<void> take_head(const HttpResponse& response) {
    response_ = response;
    text_.clear();
    to_receiver_ = receiver_ != nullptr && response.status / 100 == 2;
    if (!to_receiver_) return {};
    if (response.status == 206) return begin_rest(response);
    progress_.validator = strong_validator(response);
    return receiver_->start(response);
  }

  Result<void> take_body(std::span<const std::byte> bytes) {
    if (to_receiver_) return receiver_->receive(bytes);
    const std::size_t room = Transport::kMaxReplyText - text_.size();
    text_.append(reinterpret_cast<const char*>(bytes.data()), std::min(room, bytes.size()));
    is_full_ = bytes.size() > room;
    return is_full_ ? Result<void>(Failure{Reason::download_too_large, ""}) : Result<void>();
  }

  Result<void> begin_rest(const HttpResponse& response) {
    const auto part = parse_content_range(response.header("Content-Range").value_or(""));
    const bool was_asked_for = progress_.can_resume();
    const bool is_of_same_content = response.header("ETag").value_or(progress_.validator) == progress_.validator;
    if (was_asked_for && part && part->first == receiver_->received() && is_of_same_content) {
      end_ = part->complete_length.value_or(part->last + 1);
      return receiver_->resume(response);
    }
    progress_.validator.clear();  // the next attempt requests the whole file
    return Failure{was_asked_for ? Reason::download_truncated : Reason::network_protocol,
                   "the server sent another range of the file than requested"};
  }

  // Checks the size at the end. A server may send a shorter range than requested (RFC 9110, section 15.3.7).
  Result<void> end_of_content() {
    if (end_ && receiver_->received() > *end_) progress_.validator.clear();
    if (end_ && receiver_->received() != *end_) {
      return Failure{Reason::download_truncated,
                     fmt::format("the server sent {} bytes of a file of {}", receiver_->received(), *end_)};
    }
    return receiver_->end();
  }

  Progress& progress_;
  Receiver* receiver_;
  std::stop_token stop_;
  std::optional<HttpResponse> response_;
  std::optional<Failure> failure_;
  bool to_receiver_ = false;
  std::optional<std::uint64_t> end_;  // the size of the whole content of a range
  bool is_full_ = false;
  std::string text_;
};

constexpr seconds kVeryLong = std::chrono::hours(24 * 365);

// Returns the server's requested delay (RFC 9110, section 10.2.3). A date is relative to the response's Date header, because
// the clocks of two machines differ; it is ignored without that header.
std::optional<seconds> retry_after(const HttpResponse& response) {
  const std::string value = response.header("Retry-After").value_or("");
  if (!value.empty() && value.find_first_not_of("0123456789") == std::string::npos) {
    unsigned count = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), count);
    return error == std::errc() ? std::min(seconds(count), kVeryLong) : kVeryLong;
  }
  const auto date = parse_http_date(value);
  const auto sent = parse_http_date(response.header("Date").value_or(""));
  if (!date || !sent) return std::nullopt;
  return std::clamp<seconds>(*date - *sent, seconds(0), kVeryLong);
}

// One call of Transport: its redirects, attempts and time limit.
class Exchange {
 public:
  // `start` is the begin of the time limit for all attempts.
  Exchange(Http& http, Clock& clock, Console& console, const TransportLimits& limits, Moment start, std::stop_token stop,
           std::vector<std::string> headers, Receiver* receiver)
      : http_(http),
        clock_(clock),
        console_(console),
        limits_(limits),
        stop_(std::move(stop)),
        headers_(std::move(headers)),
        progress_{receiver},
        start_(start) {}

  Result<Reply> run(const Url& url, Redirects redirects) {
    while (true) {
      ++attempts_;
      if (progress_.receiver != nullptr) progress_.receiver->attempt();
      auto reply = attempt(url, redirects);
      const int allowed = reply ? allowed_attempts(reply->status) : allowed_attempts(reply.failure().reason);
      if (attempts_ >= allowed || !pause_fits(reply)) return with_attempts(std::move(reply));
      announce(reply);
      clock_.sleep(pause_);
    }
  }

 private:
  // Begins at the first URL in each attempt, because URLs behind redirects are signed for a short time.
  Result<Reply> attempt(Url url, Redirects redirects) {
    const Moment end = clock_.now() + limits_.attempt;
    const std::string origin = url.origin();
    std::vector<std::string> own_headers = headers_;
    for (int hops = 0; hops <= kMaxRedirects; ++hops) {
      ReplySink sink(progress_, stop_);
      // Only the first server may get the credentials.
      if (url.origin() != origin) std::erase_if(own_headers, is_credential);
      std::vector<std::string> headers = own_headers;
      std::ranges::copy(progress_.headers(), std::back_inserter(headers));
      const Duration left = std::max<Duration>(end - clock_.now(), milliseconds(1));
      TRY_ASSIGN(HttpResponse response,
                 sink.answer(http_.send({url, std::move(headers), limits_.connect, left, redirects}, sink)));
      if (response.status == 416) progress_.validator.clear();  // the file is shorter now: request all of it
      const auto location = response.header("Location");
      if (redirects == Redirects::report || !is_redirect(response.status) || !location) {
        const int status = response.status;
        return Reply{status, url, std::move(response), sink.take_text()};
      }
      auto next = url.redirect(*location);
      if (!next) {
        return Failure{
            Reason::network_redirect,
            text::printable_line(fmt::format("{} redirects to {}", url.redacted(), text::redact_address(*location)), 300)};
      }
      url = *std::move(next);
    }
    return Failure{Reason::network_redirect, fmt::format("{}: more than {} redirects", url.redacted(), kMaxRedirects)};
  }

  // Sets the pause before the next attempt. Returns false if the time limit does not allow another attempt.
  bool pause_fits(const Result<Reply>& reply) {
    const Duration full = kFirstPause * (1 << (attempts_ - 1));
    pause_ = full / 2 + std::chrono::duration_cast<Duration>(full / 2 * clock_.random_fraction());
    if (reply) pause_ = std::max<Duration>(pause_, retry_after(reply->response).value_or(seconds(0)));
    return clock_.now() + pause_ - start_ <= limits_.overall;
  }

  void announce(const Result<Reply>& reply) {
    const std::string what = reply ? describe(*reply) : reply.failure().detail;
    console_.detail(fmt::format("Retrying in {}: {}", text::human_duration(pause_), what));
  }

  Result<Reply> with_attempts(Result<Reply> reply) const {
    if (reply || attempts_ == 1) return reply;
    Failure failure = std::move(reply).failure();
    failure.detail += fmt::format(" ({} attempts)", attempts_);
    return failure;
  }

  Http& http_;
  Clock& clock_;
  Console& console_;
  const TransportLimits& limits_;
  std::stop_token stop_;
  std::vector<std::string> headers_;
  Progress progress_;
  Moment start_;
  int attempts_ = 0;
  Duration pause_{};
};

}  // namespace

std::string describe(const Reply& reply) {
  if (!reply.url.is_file()) return fmt::format("{} answered {}", reply.url.redacted(), reply.status);
  if (reply.status == 200) return fmt::format("{} is a file", reply.url.redacted());
  return fmt::format("{}: {}", reply.url.redacted(), text::printable_line(reply.text, 200));
}

Result<Reply> Transport::get(const Url& url, Redirects redirects, std::vector<std::string> headers) const {
  return Exchange(http_, clock_, console_, limits_, start_, stop_, std::move(headers), nullptr).run(url, redirects);
}

Transport Transport::single_attempt(std::stop_token stop) const {
  Transport transport = *this;
  transport.limits_.overall = Duration(0);
  transport.stop_ = std::move(stop);
  return transport;
}

Result<Reply> Transport::download(const Url& url, std::vector<std::string> headers, Receiver& receiver) const {
  return Exchange(http_, clock_, console_, limits_, start_, stop_, std::move(headers), &receiver)
      .run(url, Redirects::follow);
}

}  // namespace mesh::buildpack
