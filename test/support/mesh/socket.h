#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

  // Tells the peer that nothing more will be sent.
  void finish_sending() const;

 private:
  int fd_;
};

// A socket listening on loopback; absent when the port is taken. Port 0 means any.
std::optional<Socket> listen_on(std::uint16_t port);

// The next connection; absent when the listener is unusable for now (out of descriptors).
std::optional<Socket> accept_from(const Socket& listener);

// A connection to a port on loopback; absent when nobody listens.
std::optional<Socket> connect_to(std::uint16_t port);

}  // namespace standin
