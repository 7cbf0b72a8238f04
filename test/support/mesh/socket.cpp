#include "socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

namespace standin {
namespace {

constexpr int kBacklog = 128;
constexpr std::size_t kBufferBytes = 65536;

// Contains an address of either family, as system calls take it.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

std::optional<Address> address_of(const std::string& host, std::uint16_t port) {
  Address address;
  auto& four = reinterpret_cast<sockaddr_in&>(address.storage);
  if (::inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    address.size = sizeof four;
    return address;
  }
  auto& six = reinterpret_cast<sockaddr_in6&>(address.storage);
  if (::inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    address.size = sizeof six;
    return address;
  }
  return std::nullopt;
}

// Not inherited by the wrapped command, which would keep the port open after this process is gone.
Socket new_socket(const Address& address) {
  return Socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

// Returns 0 or errno.
int listen_at(const Socket& listener, const Address& address) {
  const int on = 1;
  ::setsockopt(listener.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(listener.fd(), address.generic(), address.size) != 0) return errno;
  return ::listen(listener.fd(), kBacklog) == 0 ? 0 : errno;
}

std::uint16_t port_of(const Socket& listener) {
  sockaddr_in own{};
  socklen_t size = sizeof own;
  ::getsockname(listener.fd(), reinterpret_cast<sockaddr*>(&own), &size);
  return ntohs(own.sin_port);
}

std::variant<std::uint16_t, std::string> port_number(const std::string& text) {
  unsigned number = 0;
  if (text.empty()) return std::uint16_t{0};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) {
    return "lookup tcp/" + text + ": unknown port";
  }
  if (error != std::errc{} || number > UINT16_MAX) return "address " + text + ": invalid port";
  return static_cast<std::uint16_t>(number);
}

}  // namespace

Socket::Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

bool Socket::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Socket::receive(std::string& into) const {
  std::array<char, kBufferBytes> buffer;
  ssize_t got = 0;
  do {
    got = ::recv(fd_, buffer.data(), buffer.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return false;
  into.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

void Socket::finish_sending() const { ::shutdown(fd_, SHUT_WR); }

std::string Socket::peer() const {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  ::getpeername(fd_, reinterpret_cast<sockaddr*>(&storage), &size);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (storage.ss_family == AF_INET6) {
    const auto& six = reinterpret_cast<const sockaddr_in6&>(storage);
    ::inet_ntop(AF_INET6, &six.sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(six.sin6_port));
  }
  const auto& four = reinterpret_cast<const sockaddr_in&>(storage);
  ::inet_ntop(AF_INET, &four.sin_addr, text.data(), text.size());
  return std::string(text.data()) + ":" + std::to_string(ntohs(four.sin_port));
}

std::variant<std::vector<Socket>, std::string> listen_on(const std::string& port) {
  const auto number = port_number(port);
  if (const auto* mistake = std::get_if<std::string>(&number)) return "listen tcp: " + *mistake;
  std::uint16_t wanted = std::get<std::uint16_t>(number);
  std::vector<Socket> listeners;
  for (const char* host : {"127.0.0.1", "::1"}) {
    const auto address = address_of(host, wanted);
    Socket listener = new_socket(*address);
    const int error = listen_at(listener, *address);
    if (error == EADDRINUSE) return "listen tcp :" + port + ": bind: address already in use";
    if (error == EACCES) return "listen tcp :" + port + ": bind: permission denied";
    if (error != 0) continue;
    if (wanted == 0) wanted = port_of(listener);
    listeners.push_back(std::move(listener));
  }
  return listeners;
}

std::optional<Socket> accept_from(const Socket& listener) {
  const int fd = ::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) return std::nullopt;
  return Socket(fd);
}

std::variant<Socket, std::string> connect_to(const std::string& host, const std::string& port) {
  const auto number = port_number(port);
  if (const auto* mistake = std::get_if<std::string>(&number)) return "dial tcp: " + *mistake;
  if (host == "localhost") {
    auto connection = connect_to("127.0.0.1", port);
    return std::holds_alternative<Socket>(connection) ? std::move(connection) : connect_to("::1", port);
  }
  const auto address = address_of(host, std::get<std::uint16_t>(number));
  if (!address) return "dial tcp: lookup " + host + ": no such host";
  Socket connection = new_socket(*address);
  if (::connect(connection.fd(), address->generic(), address->size) == 0) return connection;
  const bool is_six = host.find(':') != std::string::npos;
  const std::string reason = errno == ECONNREFUSED ? "connection refused" : "cannot connect";
  return "dial tcp " + (is_six ? "[" + host + "]" : host) + ":" + port + ": connect: " + reason;
}

}  // namespace standin
