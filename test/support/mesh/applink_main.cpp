// A stand-in for the Heroku AppLink Service Mesh, for tests: behaves as the real one where a buildpack and an app can see
// it. Flags anywhere in front of a "--" are its own.
//
//   PORT=5000 APP_PORT=3000 heroku-applink-service-mesh [--port N] [--] COMMAND [ARGUMENT...]
//   heroku-applink-service-mesh -v

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>

#include "command.h"
#include "proxy.h"
#include "socket.h"

namespace {

constexpr const char* kVersion = "v1.2.3";

int number_from(const char* text, int default_number) {
  return text == nullptr || *text == '\0' ? default_number : std::atoi(text);
}

int fail(const char* message) {
  std::fprintf(stderr, "%s\n", message);
  return EXIT_FAILURE;
}

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

}  // namespace

int main(int argc, char* argv[]) {
  int port = number_from(std::getenv("PORT"), 8070);
  int command = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--") {
      if (command == 0) command = i + 1;
      break;
    }
    if (argument == "-v" || argument == "--version") {
      std::printf("heroku-applink-service-mesh version %s\n", kVersion);
      return EXIT_SUCCESS;
    }
    if (argument == "--port" || argument == "-p") {
      port = number_from(i + 1 < argc ? argv[++i] : nullptr, 0);
    } else if (argument.starts_with('-')) {
      return fail("Incorrect Usage: flag provided but not defined");
    } else if (command == 0) {
      command = i;
    }
  }
  if (!is_set("HEROKU_APPLINK_TOKEN") || !is_set("HEROKU_APPLINK_API_URL")) {
    return fail("Heroku AppLink add-on config vars not set");
  }
  if (command == 0 || command >= argc) return EXIT_SUCCESS;

  const auto listener = standin::listen_on(static_cast<std::uint16_t>(port));
  if (!listener) return fail("listen tcp: bind: address already in use");
  const auto app_port = static_cast<std::uint16_t>(number_from(std::getenv("APP_PORT"), 3000));
  standin::end_at_signals();
  const auto started = standin::start_command(argv + command);
  if (!started) {
    std::puts("Error executing command: exec: not started");
    return EXIT_FAILURE;
  }
  std::thread([&] { standin::serve(*listener, app_port); }).detach();
  const int code = standin::wait_for(*started);
  // Not through static destructors: connection threads are still running.
  std::fflush(nullptr);
  std::_Exit(code);
}
