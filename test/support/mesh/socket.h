#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace standin {

// Owns a TCP socket; closes it. Moved, never copied; used by one thread at a time.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&&) = delete;
  ~Socket();

  int fd() const { return fd_; }

  // Sends all of it; false when the peer is gone.
  bool send(std::string_view bytes) const;

  // Appends what has arrived, waiting for at least one byte; false at the end of the stream or when the peer is gone.
  bool receive(std::string& into) const;

  // Ends the stream for the peer.
  void finish_sending() const;

  // Returns the address and port of the peer, as in `127.0.0.1:37550`.
  std::string peer() const;

 private:
  int fd_;
};

// Listens on this port of both loopback addresses, or of one if IPv6 is missing. The port is then in use for every address,
// as with the real mesh, which listens on all addresses. An empty port or 0 means any. Returns the real mesh's error text if
// the port is taken or not a port.
std::variant<std::vector<Socket>, std::string> listen_on(const std::string& port);

// The next connection; absent when the listener is unusable for now (out of descriptors).
std::optional<Socket> accept_from(const Socket& listener);

// Connects to a host by address, or by the name `localhost`. Returns the real mesh's error text if nobody listens.
std::variant<Socket, std::string> connect_to(const std::string& host, const std::string& port);

}  // namespace standin
