// A stand-in for the Heroku Integration Service Mesh, for tests and the demo: behaves as the real one (v0.1.x) where a
// buildpack, an app and its users can see it. Takes no flags: every argument belongs to the wrapped command.
//
//   PORT=5000 APP_PORT=3000 heroku-integration-service-mesh COMMAND [ARGUMENT...]

#include <cstdlib>

#include "config.h"
#include "log.h"
#include "mesh.h"

namespace {

constexpr standin::Product kProduct{.title = "Heroku Integration",
                                    .name = "heroku-integration-service-mesh",
                                    .prefix = "HEROKU_INTEGRATION",
                                    .version = "v0.1.2"};

}  // namespace

int main(int argc, char* argv[]) {
  const auto config = standin::read_config(kProduct);
  if (const auto* error = std::get_if<std::string>(&config)) {
    standin::write_last_line(*error);
    return EXIT_FAILURE;
  }
  if (argc < 2) return EXIT_SUCCESS;
  return standin::run_mesh(kProduct, std::get<standin::Config>(config), standin::public_port(), argv + 1);
}
