#include "proxy.h"

#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace standin {
namespace {

constexpr std::size_t kMaxHeadBytes = 65536;
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kClientContext = "x-client-context";
constexpr std::string_view kRequestContext = "x-request-context";
constexpr std::string_view kRequestId = "x-request-id";
constexpr std::string_view kSignature = "x-signature";
constexpr std::string_view kInfoRoute = "/__herokuIntegrationServiceMeshInfo";

using Clock = std::chrono::steady_clock;

// A request up to its body: the first line, the headers (each with its line end), and what of the body has come already.
struct Request {
  std::string line;
  std::string headers;
  std::string body_start;
};

std::optional<Request> read_request(const Socket& client) {
  std::string received;
  std::size_t end = std::string::npos;
  while ((end = received.find(kHeadEnd)) == std::string::npos) {
    if (received.size() > kMaxHeadBytes || !client.receive(received)) return std::nullopt;
  }
  const std::size_t line_end = received.find("\r\n");
  Request request;
  request.line = received.substr(0, line_end);
  if (line_end < end) request.headers = received.substr(line_end + 2, end - line_end);
  request.body_start = received.substr(end + kHeadEnd.size());
  return request;
}

std::string_view path_of(const Request& request) {
  std::string_view target = request.line;
  target.remove_prefix(std::min(target.find(' ') + 1, target.size()));
  return target.substr(0, target.find_first_of(" ?"));
}

// Calls `visit` with every header line (without its end) until it returns false.
template <typename Visitor>
void for_each_header(std::string_view headers, Visitor visit) {
  while (!headers.empty()) {
    const std::size_t end = headers.find("\r\n");
    if (!visit(headers.substr(0, end))) return;
    headers.remove_prefix(end == std::string_view::npos ? headers.size() : end + 2);
  }
}

bool is_named(std::string_view header, std::string_view name) {
  return header.size() > name.size() && header[name.size()] == ':' &&
         ::strncasecmp(header.data(), name.data(), name.size()) == 0;
}

// Returns the value of the first header of this name, or an empty text if it is missing.
std::string_view header_of(const Request& request, std::string_view name) {
  std::string_view value;
  for_each_header(request.headers, [&](std::string_view header) {
    if (!is_named(header, name)) return true;
    value = header.substr(name.size() + 1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return false;
  });
  return value;
}

std::string random_text(std::string_view alphabet, std::size_t length) {
  static thread_local std::random_device device;
  std::string text;
  while (text.size() < length) text += alphabet[device() % alphabet.size()];
  return text;
}

std::string new_request_id() {
  std::string id = random_text("0123456789abcdef", 36);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) id[dash] = '-';
  id[14] = '4';
  return id;
}

// Returns the id of a request without one in the access line: this process and the request's number.
std::string numbered_name() {
  static const std::string kProcess = [] {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    return std::string(host.data()) + "/" +
           random_text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 10);
  }();
  static std::atomic<unsigned> count{0};
  const std::string number = std::to_string(++count);
  return kProcess + "-" + std::string(6 - std::min<std::size_t>(6, number.size()), '0') + number;
}

// Returns the access line up to the status.
std::string described(const Request& request, const Socket& client) {
  std::string id(header_of(request, kRequestId));
  if (id.empty()) id = numbered_name();
  std::string from(header_of(request, "x-real-ip"));
  const std::string_view forwarded_for = header_of(request, "x-forwarded-for");
  if (from.empty()) from = forwarded_for.substr(0, forwarded_for.find(','));
  if (from.empty()) from = client.peer();
  std::string line = request.line;
  const std::size_t target = std::min(line.find(' ') + 1, line.size());
  line.insert(target, "http://" + std::string(header_of(request, "host")));
  return "[" + id + "] \"" + line + "\" from " + from;
}

// Counts the bytes of a response's body while it passes, and finds its status.
class ResponseMeter {
 public:
  // Takes the next bytes; returns what to send to the client: nothing until the head is complete, then the head with
  // `more_headers` in it.
  std::string pass(std::string_view bytes, std::string_view more_headers) {
    if (in_body_) {
      count(bytes);
      return std::string(bytes);
    }
    head_.append(bytes);
    const std::size_t end = head_.find(kHeadEnd);
    if (end == std::string::npos) return {};
    std::string rest = head_.substr(end + kHeadEnd.size());
    head_.resize(end + kHeadEnd.size());
    const std::size_t space = std::min(head_.find(' '), head_.size() - 1);
    status_ = std::atoi(head_.c_str() + space);
    std::string head = std::exchange(head_, {});
    // An interim response (100 Continue) is followed by the real one.
    if (status_ >= 100 && status_ < 200 && status_ != 101) return head + pass(rest, more_headers);
    in_body_ = true;
    for_each_header(std::string_view(head), [&](std::string_view header) {
      if (!is_named(header, "transfer-encoding")) return true;
      is_chunked_ = header.find("chunked") != std::string_view::npos;
      return false;
    });
    head.insert(head.find("\r\n") + 2, more_headers);
    count(rest);
    return head + rest;
  }

  bool has_begun() const { return in_body_; }
  int status() const { return status_; }
  std::size_t body_bytes() const { return body_bytes_; }

 private:
  void count(std::string_view bytes) {
    if (!is_chunked_) {
      body_bytes_ += bytes.size();
      return;
    }
    for (const char byte : bytes) count_chunked(byte);
  }

  // Parses a chunk's size line, its bytes and a newline, and so on until an empty chunk.
  void count_chunked(char byte) {
    if (left_ > 0) {
      --left_;
      ++body_bytes_;
      return;
    }
    if (byte != '\n') {
      size_line_ += byte;
      return;
    }
    left_ = static_cast<std::size_t>(std::strtoull(size_line_.c_str(), nullptr, 16));
    size_line_.clear();
  }

  std::string head_;
  std::string size_line_;
  std::size_t body_bytes_ = 0;
  std::size_t left_ = 0;
  int status_ = 0;
  bool in_body_ = false;
  bool is_chunked_ = false;
};

// The request as the app gets it: on a connection that ends with the answer, whatever the client asked for.
std::string forwarded(const Request& request, std::string_view authority) {
  std::string text = request.line + "\r\nHost: " + std::string(authority) + "\r\n";
  for_each_header(request.headers, [&](std::string_view header) {
    const bool is_kept = !header.empty() && !is_named(header, "connection") && !is_named(header, "host") &&
                         !is_named(header, kRequestContext);
    if (is_kept) text.append(header).append("\r\n");
    return true;
  });
  return text + "Connection: close" + std::string(kHeadEnd) + request.body_start;
}

// Carries bytes both ways until the app has answered to the end.
void tunnel(const Socket& client, const Socket& app, ResponseMeter& meter, std::string_view more_headers) {
  std::array<pollfd, 2> watched{{{app.fd(), POLLIN, 0}, {client.fd(), POLLIN, 0}}};
  std::string bytes;
  while (true) {
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    bytes.clear();
    if (watched[0].revents != 0 && (!app.receive(bytes) || !client.send(meter.pass(bytes, more_headers)))) return;
    bytes.clear();
    if (watched[1].revents == 0) continue;
    if (client.receive(bytes) && app.send(bytes)) continue;
    app.finish_sending();
    watched[1].fd = -1;
  }
}

// `Get` for GET.
std::string method_of(const Request& request) {
  std::string method = request.line.substr(0, request.line.find(' '));
  for (std::size_t i = 1; i < method.size(); ++i) method[i] = static_cast<char>(std::tolower(method[i]));
  return method;
}

std::string target_of(const Request& request) {
  const std::size_t start = std::min(request.line.find(' ') + 1, request.line.size());
  return request.line.substr(start, request.line.find(' ', start) - start);
}

// Handles one request.
class Exchange {
 public:
  Exchange(const Proxy& proxy, const Socket& client, const Request& request)
      : proxy_(proxy), client_(client), request_(request), path_(path_of(request)), id_(header_of(request, kRequestId)) {}

  void run() {
    if (path_ == kInfoRoute) {
      id_ = "n/a";
      log(Level::info, proxy_.product.version);
      return answer("200 OK", proxy_.product.version);
    }
    if (id_.empty()) {
      id_ = new_request_id();
      more_headers_ = "X-Request-Id: " + id_ + "\r\n";
      log(Level::warn, "Generated x-request-id header");
    }
    log(Level::info, "Processing request to " + std::string(path_) + "...");
    if (!is_let_through()) return;
    log(Level::info, "Forwarding request...");
    forward();
  }

 private:
  void log(Level level, std::string_view message) const { proxy_.log.write(level, message, {{"request-id", id_}}); }

  void log_time() const {
    const std::string took = std::string(proxy_.product.title) + " Service Mesh took " + printed(Clock::now() - start_);
    log(Level::debug, took);
  }

  bool is_let_through() {
    if (proxy_.config.bypasses(path_)) {
      if (proxy_.config.bypasses_all_routes) {
        log(Level::warn, "Bypassing authentication and validation for ALL routes");
      }
      log(Level::warn, "Bypassing validation and authentication for route " + std::string(path_));
      return true;
    }
    log(Level::info, "Validating request...");
    const bool is_salesforce = !header_of(request_, kClientContext).empty();
    if (!is_salesforce && !header_of(request_, kRequestContext).empty()) return refuse("400 Bad Request", "400");
    if (!is_salesforce && header_of(request_, kSignature).empty()) return refuse("401 Unauthorized", "401");
    if (is_salesforce) log(Level::info, "Valid request!");
    log(Level::info, is_salesforce ? "Found Salesforce request" : "Found Data Action Target request");
    log(Level::info, "Authenticated request!");
    return true;
  }

  bool refuse(std::string_view status, std::string_view code) {
    const std::string text = std::string(code) + " Invalid request";
    log(Level::error, "Invalid request!");
    log(Level::error, text);
    log_time();
    answer(status, text + "\n");
    return false;
  }

  void forward() {
    const std::string& host_url = proxy_.config.app_host;
    const std::string authority =
        host_url.substr(std::min(host_url.find("//") + 2, host_url.size())) + ":" + proxy_.config.app_port;
    const std::string url = host_url + ":" + proxy_.config.app_port + target_of(request_);
    if (!host_url.starts_with("http://")) return fail_to_forward(url, "unsupported protocol scheme");

    std::string host = host_url.substr(std::string_view("http://").size());
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const auto connected = connect_to(host, proxy_.config.app_port);
    if (const auto* error = std::get_if<std::string>(&connected)) return fail_to_forward(url, *error);
    const auto& app = std::get<Socket>(connected);
    if (!app.send(forwarded(request_, authority))) return fail_to_forward(url, "write: broken pipe");
    ResponseMeter meter;
    tunnel(client_, app, meter, more_headers_);
    if (!meter.has_begun()) return fail_to_forward(url, "EOF");
    log_time();
    log_access(meter.status(), meter.body_bytes());
    client_.finish_sending();
  }

  void fail_to_forward(const std::string& url, const std::string& error) {
    log(Level::error, "Failed to forward request: " + method_of(request_) + " \"" + url + "\": " + error);
    log_time();
    answer("502 Bad Gateway", "Failed to forward request " + id_ + "\n");
  }

  void log_access(int status, std::size_t bytes) const {
    write_access_line(described_, status, bytes, Clock::now() - start_);
  }

  void answer(std::string_view status, std::string_view body) const {
    log_access(std::atoi(status.data()), body.size());
    std::string text = "HTTP/1.1 ";
    text.append(status).append("\r\n").append(more_headers_);
    text.append("Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: ");
    text.append(std::to_string(body.size())).append(kHeadEnd).append(body);
    if (!client_.send(text)) return;
    client_.finish_sending();
    // Reads the rest of the body: otherwise closing would reset the connection, and the client would lose the response.
    const timeval patience{.tv_sec = 1, .tv_usec = 0};
    ::setsockopt(client_.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    std::string ignored;
    while (client_.receive(ignored)) ignored.clear();
  }

  const Proxy& proxy_;
  const Socket& client_;
  const Request& request_;
  Clock::time_point start_ = Clock::now();
  std::string_view path_;
  std::string id_;
  std::string more_headers_;
  std::string described_ = described(request_, client_);
};

void handle(const Socket& client, const Proxy& proxy) {
  const auto request = read_request(client);
  if (request) Exchange(proxy, client, *request).run();
}

}  // namespace

void serve(const Socket& listener, const Proxy& proxy) {
  constexpr std::chrono::milliseconds kPause{10};
  while (true) {
    auto client = accept_from(listener);
    if (!client) {
      std::this_thread::sleep_for(kPause);
      continue;
    }
    std::thread([connection = std::move(*client), &proxy] { handle(connection, proxy); }).detach();
  }
}

}  // namespace standin
