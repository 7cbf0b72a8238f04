#include "socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace standin {
namespace {

constexpr int kBacklog = 128;
constexpr std::size_t kBufferBytes = 65536;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Not inherited by the wrapped command, which would keep the port open after this process is gone.
Socket new_socket() { return Socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

const sockaddr* as_generic(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }

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

std::optional<Socket> listen_on(std::uint16_t port) {
  Socket listener = new_socket();
  const int on = 1;
  ::setsockopt(listener.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (::bind(listener.fd(), as_generic(address), sizeof address) != 0) return std::nullopt;
  if (::listen(listener.fd(), kBacklog) != 0) return std::nullopt;
  return listener;
}

std::optional<Socket> accept_from(const Socket& listener) {
  const int fd = ::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) return std::nullopt;
  return Socket(fd);
}

std::optional<Socket> connect_to(std::uint16_t port) {
  Socket connection = new_socket();
  const sockaddr_in address = loopback(port);
  if (::connect(connection.fd(), as_generic(address), sizeof address) != 0) return std::nullopt;
  return connection;
}

}  // namespace standin
