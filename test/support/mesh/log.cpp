#include "log.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace standin {
namespace {

constexpr std::array<std::string_view, 4> kLevels{"DEBUG", "INFO", "WARN", "ERROR"};

// Writes each line with one call, so that lines of several threads and processes do not mix.
void write_line(int fd, std::string line) {
  line += '\n';
  if (::write(fd, line.data(), line.size()) < 0) return;
}

std::string formatted(const char* format, const std::tm& time) {
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &time)};
}

std::string local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm time{};
  ::localtime_r(&now, &time);
  return formatted("%Y/%m/%d %H:%M:%S", time);
}

std::string utc_time() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  std::tm time{};
  ::gmtime_r(&now.tv_sec, &time);
  std::string milliseconds = std::to_string(1000 + now.tv_nsec / 1'000'000).substr(1);
  return formatted("%Y-%m-%dT%H:%M:%S.", time) + milliseconds + "Z";
}

// Returns the text, in quotes if a parser of `key=value` could misread it.
std::string quoted(std::string_view text) {
  const bool is_bare = !text.empty() && std::ranges::all_of(text, [](unsigned char byte) {
    return byte > ' ' && byte != '"' && byte != '=' && byte != 0x7f;
  });
  if (is_bare) return std::string(text);
  std::string result = "\"";
  for (const char byte : text) {
    if (byte == '\n') {
      result += "\\n";
    } else if (byte == '\t') {
      result += "\\t";
    } else {
      if (byte == '"' || byte == '\\') result += '\\';
      result += byte;
    }
  }
  return result + '"';
}

// Returns value / unit in decimal digits, without zeros at the end.
std::string decimal(std::uint64_t value, std::uint64_t unit) {
  std::string text = std::to_string(value / unit);
  std::string fraction = std::to_string(unit + value % unit).substr(1);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return fraction.empty() ? text : text + "." + fraction;
}

}  // namespace

std::string variable_or(const char* name, std::string_view default_value) {
  const char* value = std::getenv(name);
  return std::string(value == nullptr ? default_value : value);
}

Log::Log(std::string source) : app_(variable_or("HEROKU_APP_NAME", "local")), source_(std::move(source)) {
  std::string level = variable_or("GO_LOG", "");
  std::ranges::transform(level, level.begin(), [](unsigned char byte) { return std::toupper(byte); });
  const auto found = std::ranges::find(kLevels, level);
  if (found != kLevels.end()) lowest_ = static_cast<Level>(found - kLevels.begin());
}

void Log::write(Level level, std::string_view message, std::initializer_list<Attribute> attributes) const {
  if (level < lowest_) return;
  std::string line = "time=" + utc_time() + " level=" + std::string(kLevels.at(static_cast<std::size_t>(level)));
  const auto add = [&](std::string_view key, std::string_view value) {
    line.append(" ").append(key).append("=").append(quoted(value));
  };
  add("msg", message);
  add("app", app_);
  add("source", source_);
  for (const auto& [key, value] : attributes) add(key, value);
  write_line(STDERR_FILENO, std::move(line));
}

void write_last_line(std::string_view text) { write_line(STDERR_FILENO, local_time() + " " + std::string(text)); }

void write_access_line(std::string_view request, int status, std::size_t bytes, std::chrono::nanoseconds duration) {
  write_line(STDOUT_FILENO, local_time() + " " + std::string(request) + " - " + std::to_string(status) + " " +
                                std::to_string(bytes) + "B in " + printed(duration));
}

std::string printed(std::chrono::nanoseconds duration) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  const auto count = static_cast<std::uint64_t>(duration.count());
  if (count < 1000) return std::to_string(count) + "ns";
  if (count < 1'000'000) return decimal(count, 1000) + "µs";
  if (count < kSecond) return decimal(count, 1'000'000) + "ms";
  const std::uint64_t minutes = count / (60 * kSecond);
  return (minutes > 0 ? std::to_string(minutes) + "m" : "") + decimal(count % (60 * kSecond), kSecond) + "s";
}

}  // namespace standin
