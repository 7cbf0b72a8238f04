#include "proxy.h"

#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace standin {
namespace {

constexpr std::size_t kMaxHeadBytes = 65536;
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kClientContext = "x-client-context";
constexpr std::string_view kInfo = R"({"version":"v0.1.2"})";

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

bool is_authenticated(const Request& request) {
  bool found = false;
  for_each_header(request.headers, [&](std::string_view header) {
    found = is_named(header, kClientContext);
    return !found;
  });
  return found;
}

void answer(const Socket& client, std::string_view status, std::string_view body) {
  std::string text = "HTTP/1.1 ";
  text.append(status).append("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: ");
  text.append(std::to_string(body.size())).append(kHeadEnd).append(body);
  if (!client.send(text)) return;
  client.finish_sending();
  // A body that nobody read would turn the close into a reset, and the client would lose the answer.
  const timeval patience{.tv_sec = 1, .tv_usec = 0};
  ::setsockopt(client.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::string ignored;
  while (client.receive(ignored)) ignored.clear();
}

// The request as the app gets it: on a connection that ends with the answer, whatever the client asked for.
std::string forwarded(const Request& request) {
  std::string text = request.line + "\r\n";
  for_each_header(request.headers, [&](std::string_view header) {
    if (!header.empty() && !is_named(header, "connection")) text.append(header).append("\r\n");
    return true;
  });
  return text + "Connection: close" + std::string(kHeadEnd) + request.body_start;
}

// Carries bytes both ways until the app has answered to the end.
void tunnel(const Socket& client, const Socket& app) {
  std::array<pollfd, 2> watched{{{app.fd(), POLLIN, 0}, {client.fd(), POLLIN, 0}}};
  std::string bytes;
  while (true) {
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    bytes.clear();
    if (watched[0].revents != 0 && (!app.receive(bytes) || !client.send(bytes))) return;
    bytes.clear();
    if (watched[1].revents == 0) continue;
    if (client.receive(bytes) && app.send(bytes)) continue;
    app.finish_sending();
    watched[1].fd = -1;
  }
}

void handle(const Socket& client, std::uint16_t app_port) {
  const auto request = read_request(client);
  if (!request) return;
  const std::string_view path = path_of(*request);
  if (path == "/healthcheck") return answer(client, "200 OK", "OK\n");
  if (path == "/__herokuIntegrationServiceMeshInfo") return answer(client, "200 OK", kInfo);
  if (!is_authenticated(*request)) return answer(client, "401 Unauthorized", "Invalid request\n");

  const auto app = connect_to(app_port);
  if (!app || !app->send(forwarded(*request))) {
    return answer(client, "502 Bad Gateway", "Failed to forward request\n");
  }
  tunnel(client, *app);
  client.finish_sending();
}

}  // namespace

void serve(const Socket& listener, std::uint16_t app_port) {
  constexpr std::chrono::milliseconds kPause{10};
  while (true) {
    auto client = accept_from(listener);
    if (!client) {
      std::this_thread::sleep_for(kPause);
      continue;
    }
    std::thread([connection = std::move(*client), app_port] { handle(connection, app_port); }).detach();
  }
}

}  // namespace standin
