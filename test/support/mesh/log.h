#pragma once

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace standin {

enum class Level { debug, info, warn, error };

using Attribute = std::pair<std::string_view, std::string_view>;

// Writes the mesh's own lines to stderr, one at a time, from any thread:
//
//   time=2026-11-28T15:34:51.123Z level=INFO msg="Forwarding request..." app=local source=… request-id=…
class Log {
 public:
  // Takes the app's name from HEROKU_APP_NAME (default `local`), the lowest level from GO_LOG (default info).
  explicit Log(std::string source);

  void write(Level level, std::string_view message, std::initializer_list<Attribute> attributes = {}) const;

 private:
  std::string app_;
  std::string source_;
  Level lowest_ = Level::info;
};

// Returns the variable's value, or the default if it is not set.
std::string variable_or(const char* name, std::string_view default_value);

// Writes a line with the local time to stderr, as the mesh does if it fails before it has a log.
void write_last_line(std::string_view text);

// Writes the line of one request to stdout, with the local time:
//
//   2026/11/28 15:34:51 [id] "GET http://host/path HTTP/1.1" from 127.0.0.1:37550 - 200 20B in 161.631µs
void write_access_line(std::string_view request, int status, std::size_t bytes, std::chrono::nanoseconds duration);

// Returns the duration as Go prints it: 93ns, 161.631µs, 15.4ms, 1.2s, 1m2.3s.
std::string printed(std::chrono::nanoseconds duration);

}  // namespace standin
