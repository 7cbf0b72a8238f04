#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <semaphore>
#include <thread>

#include "common/text.h"
#include "platform/curl_http.h"
#include "platform/descriptor.h"
#include "support/cpp/scripted_http.h"
#include "support/cpp/test_stop_signal.h"

// Checks the contract of Http: one suite for the real network and for its scripted fake.
namespace mesh {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

struct KeepingSink final : HttpSink {
  Result<void> begin(const HttpResponse& response) override {
    status = response.status;
    return {};
  }
  Result<void> body(std::span<const std::byte> bytes) override {
    content.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return refusal ? Result<void>(*refusal) : Result<void>();
  }

  int status = 0;
  std::string content;
  std::optional<Error> refusal;
};

// The request that the server received.
struct Arrived {
  std::string method;
  std::vector<std::string> headers;
  std::string body;
};

Descriptor listen_on_loopback() {
  Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  EXPECT_EQ(::bind(listener.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(listener.number(), 1), 0);
  return listener;
}

int port_of_socket(int socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  EXPECT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
  return ntohs(address.sin_port);
}

// A server on loopback that serves one connection in a background thread.
class Server {
 public:
  template <typename Serve>
  explicit Server(Serve serve)
      : thread_([this, serve = std::move(serve)] {
          const Descriptor connection(::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC));
          if (connection.number() >= 0) serve(connection.number());
        }) {}
  // Stops waiting for a connection; does not close an open one.
  ~Server() { ::shutdown(listener_.number(), SHUT_RDWR); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  Url url() const { return *Url::parse("http://127.0.0.1:" + std::to_string(port_of_socket(listener_.number())) + "/x"); }

 private:
  Descriptor listener_ = listen_on_loopback();
  std::jthread thread_;
};

std::size_t content_length(const std::vector<std::string>& headers) {
  constexpr std::string_view kName = "Content-Length: ";
  std::size_t length = 0;
  for (const std::string_view header : headers) {
    if (header.starts_with(kName)) std::from_chars(header.data() + kName.size(), header.data() + header.size(), length);
  }
  return length;
}

// Reads a line; empty at the end of the connection.
std::string receive(int connection) {
  std::string buffer(64 * 1024, '\0');
  const ssize_t count = ::recv(connection, buffer.data(), buffer.size(), 0);
  buffer.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return buffer;
}

Arrived read_request(int connection) {
  std::string bytes;
  while (bytes.find("\r\n\r\n") == std::string::npos) {
    const std::string more = receive(connection);
    if (more.empty()) return {};
    bytes += more;
  }
  const std::size_t end = bytes.find("\r\n\r\n");
  Arrived arrived;
  for (const std::string_view line : text::split(std::string_view(bytes).substr(0, end), '\n')) {
    arrived.headers.emplace_back(text::trim(line));
  }
  arrived.method = arrived.headers.front().substr(0, arrived.headers.front().find(' '));
  arrived.headers.erase(arrived.headers.begin());
  arrived.body = bytes.substr(end + 4);
  while (arrived.body.size() < content_length(arrived.headers)) {
    const std::string more = receive(connection);
    if (more.empty()) break;
    arrived.body += more;
  }
  return arrived;
}

void write_answer(int connection, const ScriptedAnswer& answer) {
  std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " x\r\nConnection: close\r\n";
  for (const auto& [name, value] : answer.headers) text.append(name).append(": ").append(value).append("\r\n");
  text += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t count = ::send(connection, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
}

CurlHttp real_http() { return CurlHttp({.user_agent = "test", .trust_roots = {}, .proxies = {}}, stop_signal()); }

HttpRequest request_for(const Url& url) { return {.url = url, .connect_limit = 60s, .total_limit = 60s}; }

// Sends a request to a server with this response.
struct Real {
  static Result<HttpResponse> send(HttpRequest request, const ScriptedAnswer& answer, HttpSink& sink, Arrived& arrived) {
    const Server server([&](int connection) {
      arrived = read_request(connection);
      write_answer(connection, answer);
    });
    request.url = server.url();
    return real_http().send(request, sink);
  }
};

struct Fake {
  static Result<HttpResponse> send(const HttpRequest& request, const ScriptedAnswer& answer, HttpSink& sink,
                                   Arrived& arrived) {
    ScriptedHttp http;
    http.on(request.url.text(), answer);
    auto response = http.send(request, sink);
    const HttpRequest& seen = http.requests().at(0);
    arrived = {seen.method == HttpMethod::post ? "POST" : "GET", seen.headers, seen.body};
    return response;
  }
};

template <typename Network>
class HttpContract : public testing::Test {
 protected:
  Result<HttpResponse> send(const ScriptedAnswer& answer) { return Network::send(request_, answer, sink_, arrived_); }

  HttpRequest request_ = request_for(*Url::parse("http://127.0.0.1:1/x"));
  KeepingSink sink_;
  Arrived arrived_;
};

TYPED_TEST_SUITE_P(HttpContract);

TYPED_TEST_P(HttpContract, GetReturnsAResponse) {
  this->request_.headers = {"Accept: text/plain"};
  const auto response = this->send({.status = 200, .headers = {{"ETag", "\"1\""}}, .body = std::string(30'000, 'x')});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->header("etag"), "\"1\"");
  EXPECT_EQ(this->sink_.content, std::string(30'000, 'x'));
  EXPECT_EQ(this->arrived_.method, "GET");
  EXPECT_THAT(this->arrived_.headers, Contains("Accept: text/plain"));
  EXPECT_EQ(this->arrived_.body, "");
}

TYPED_TEST_P(HttpContract, PostsHeadersAndBody) {
  this->request_.method = HttpMethod::post;
  this->request_.headers = {"Content-Type: application/json"};
  this->request_.body = std::string("{\0}", 3) + std::string(2'000'000, 'y');
  const auto response = this->send(answer(202, "accepted"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 202);
  EXPECT_EQ(this->sink_.content, "accepted");
  EXPECT_EQ(this->arrived_.method, "POST");
  EXPECT_THAT(this->arrived_.headers, Contains("Content-Type: application/json"));
  EXPECT_EQ(this->arrived_.body, this->request_.body);
}

TYPED_TEST_P(HttpContract, PostAddsNoHeaders) {
  this->request_.method = HttpMethod::post;
  this->request_.body = std::string(2'000'000, 'y');
  ASSERT_TRUE(this->send(answer(200)));
  EXPECT_THAT(this->arrived_.headers, Not(Contains(HasSubstr("Content-Type"))));
  EXPECT_THAT(this->arrived_.headers, Not(Contains(HasSubstr("Expect"))));
}

TYPED_TEST_P(HttpContract, PostsAnEmptyBody) {
  this->request_.method = HttpMethod::post;
  const auto response = this->send(answer(204));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 204);
  EXPECT_EQ(this->arrived_.method, "POST");
  EXPECT_EQ(this->arrived_.body, "");
}

TYPED_TEST_P(HttpContract, ReturnsResponsesOfAnyStatus) {
  for (const HttpMethod method : {HttpMethod::get, HttpMethod::post}) {
    this->request_.method = method;
    this->sink_.content.clear();
    const auto response = this->send(answer(503, "busy"));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 503);
    EXPECT_EQ(this->sink_.content, "busy");
  }
}

TYPED_TEST_P(HttpContract, ReturnsTheSinksFailure) {
  for (const HttpMethod method : {HttpMethod::get, HttpMethod::post}) {
    this->request_.method = method;
    this->sink_.refusal = Error{ErrorKind::cancelled, "refused"};
    const auto response = this->send(answer(200, "content"));
    ASSERT_FALSE(response);
    EXPECT_EQ(response.failure().kind, ErrorKind::cancelled);
    EXPECT_EQ(response.failure().detail, "refused");
  }
}

REGISTER_TYPED_TEST_SUITE_P(HttpContract, GetReturnsAResponse, PostsHeadersAndBody, PostAddsNoHeaders, PostsAnEmptyBody,
                            ReturnsResponsesOfAnyStatus, ReturnsTheSinksFailure);
INSTANTIATE_TYPED_TEST_SUITE_P(Real, HttpContract, Real);
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, HttpContract, Fake);

// The server reads nothing, so that the body of a POST is never sent completely, and a GET gets no response.
TEST(CurlHttp, LimitsTheTimeOfBothMethods) {
  for (const HttpMethod method : {HttpMethod::get, HttpMethod::post}) {
    std::binary_semaphore is_over(0);
    const Server server([&](int) { is_over.acquire(); });
    HttpRequest request = request_for(server.url());
    request.method = method;
    request.body = std::string(method == HttpMethod::post ? 64'000'000 : 0, 'y');
    request.total_limit = 50ms;
    KeepingSink sink;
    const auto response = real_http().send(request, sink);
    is_over.release();
    ASSERT_FALSE(response);
    EXPECT_EQ(response.failure().kind, ErrorKind::timeout) << response.failure().detail;
  }
}

}  // namespace
}  // namespace mesh
