// A stand-in for the Heroku Integration Service Mesh, for tests and the demo: behaves as the real one (v0.1.x) where a
// buildpack and an app can see it. Takes no flags: every argument belongs to the wrapped command.
//
//   PORT=5000 APP_PORT=3000 heroku-integration-service-mesh COMMAND [ARGUMENT...]

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <thread>

#include "command.h"
#include "proxy.h"
#include "socket.h"

namespace {

constexpr std::uint16_t kDefaultPort = 8070;
constexpr std::uint16_t kDefaultAppPort = 3000;

// The variable's value; empty where there is none, which means the same here.
std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view{} : value;
}

// The port in this variable, or the default where there is none; absent when it is not a port.
std::optional<std::uint16_t> port_from(const char* name, std::uint16_t default_port) {
  const std::string_view text = variable(name);
  if (text.empty()) return default_port;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

int fail(const char* message) {
  std::fprintf(stderr, "%s\n", message);
  return EXIT_FAILURE;
}

}  // namespace

int main(int argc, char* argv[]) {
  if (variable("HEROKU_INTEGRATION_TOKEN").empty() || variable("HEROKU_INTEGRATION_API_URL").empty()) {
    return fail("Heroku Integration add-on config vars not set");
  }
  if (argc < 2) return EXIT_SUCCESS;

  const auto port = port_from("PORT", kDefaultPort);
  const auto app_port = port_from("APP_PORT", kDefaultAppPort);
  if (!port || !app_port) return fail("PORT and APP_PORT must be port numbers");
  const auto listener = standin::listen_on(*port);
  if (!listener) return fail("listen tcp: bind: address already in use");

  standin::end_at_signals();
  const auto started = standin::start_command(argv + 1);
  if (!started) {
    std::puts("Error executing command: exec: not started");
    return EXIT_FAILURE;
  }
  std::thread([&] { standin::serve(*listener, *app_port); }).detach();
  const int code = standin::wait_for(*started);
  // Not through static destructors: connection threads are still running.
  std::fflush(nullptr);
  std::_Exit(code);
}
