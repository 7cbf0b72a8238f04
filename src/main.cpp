#include <span>

#include "cli/cli.h"
#include "platform/standard_streams.h"

int main(int argc, char** argv) {
  mesh::occupy_standard_streams();
  const std::span<const char* const> arguments(argv, static_cast<std::size_t>(argc));
  return mesh::cli::run(arguments.empty() ? arguments : arguments.subspan(1));
}
