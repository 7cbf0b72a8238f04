#include <span>

#include "buildpack/cli/cli.h"

int main(int argc, char** argv) {
  return mesh::buildpack::cli::run(std::span<const char* const>(argv, static_cast<std::size_t>(argc)));
}
