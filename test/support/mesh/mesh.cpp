#include "mesh.h"

#include <cstdio>
#include <cstdlib>
#include <thread>

#include "command.h"
#include "log.h"
#include "proxy.h"
#include "socket.h"

namespace standin {
namespace {

#if defined(__aarch64__)
constexpr std::string_view kArch = "arm64";
#else
constexpr std::string_view kArch = "amd64";
#endif

void log_start(const Product& product, const Config& config, const std::string& port, const Log& log) {
  log.write(Level::info, "environment",
            {{"go_version:", "go1.22.1"},
             {"os", "linux"},
             {"arch", kArch},
             {"http_port", port},
             {"version", product.version},
             {"environment", variable_or("ENVIRONMENT", "local")},
             {"app_host", config.app_host},
             {"app_port", config.app_port}});
  log.write(Level::info, std::string(product.title) + " Service Mesh is up!", {{"port", port}});
  if (config.bypass_routes.empty()) return;
  std::string routes;
  for (const auto& route : config.bypass_routes) routes += (routes.empty() ? "" : ", ") + route;
  log.write(Level::warn, "Authentication bypass routes: " + routes);
}

}  // namespace

int run_mesh(const Product& product, const Config& config, const std::string& port, char* const command[]) {
  end_at_signals();
  const Log log{std::string(product.name)};
  log_start(product, config, port, log);
  const auto listened = listen_on(port);
  if (const auto* error = std::get_if<std::string>(&listened)) {
    log.write(Level::info, *error);
    return EXIT_FAILURE;
  }
  const auto started = start_command(command);
  if (!started) {
    std::puts("Error executing command: exec: not started");
    return EXIT_FAILURE;
  }
  const Proxy proxy{product, config, log};
  for (const Socket& listener : std::get<std::vector<Socket>>(listened)) {
    std::thread([&] { serve(listener, proxy); }).detach();
  }
  const int code = wait_for(*started);
  // Not through static destructors: connection threads are still running.
  std::fflush(nullptr);
  std::_Exit(code);
}

}  // namespace standin
