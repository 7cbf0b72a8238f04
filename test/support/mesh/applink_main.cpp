// A stand-in for the Heroku AppLink Service Mesh, for tests: behaves as the real one where a buildpack and an app can see
// it, and as Integration's where nothing is known of AppLink's. Flags anywhere in front of a "--" are its own.
//
//   PORT=5000 APP_PORT=3000 heroku-applink-service-mesh [--port N] [--] COMMAND [ARGUMENT...]
//   heroku-applink-service-mesh -v

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "config.h"
#include "log.h"
#include "mesh.h"

namespace {

constexpr standin::Product kProduct{
    .title = "Heroku AppLink", .name = "heroku-applink-service-mesh", .prefix = "HEROKU_APPLINK", .version = "v1.2.3"};

struct Arguments {
  std::string port = standin::public_port();
  bool wants_version = false;
  std::string mistake;
  std::vector<char*> command;
};

Arguments read_arguments(int argc, char* argv[]) {
  Arguments result;
  for (int i = 1; i < argc && result.mistake.empty(); ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--") {
      result.command.insert(result.command.end(), argv + i + 1, argv + argc);
      break;
    }
    if (argument == "-v" || argument == "--version") {
      result.wants_version = true;
    } else if (argument.starts_with("--port=") || argument.starts_with("-p=")) {
      result.port = argument.substr(argument.find('=') + 1);
    } else if (argument == "--port" || argument == "-p") {
      if (++i == argc) result.mistake = "flag needs an argument: " + std::string(argument);
      if (i < argc) result.port = argv[i];
    } else if (argument.starts_with('-') && argument.size() > 1) {
      const auto name = argument.substr(0, argument.find('=')).substr(argument.find_first_not_of('-'));
      result.mistake = "flag provided but not defined: -" + std::string(name);
    } else {
      result.command.push_back(argv[i]);
    }
  }
  result.command.push_back(nullptr);
  return result;
}

int fail(const std::string& text) {
  standin::write_last_line(text);
  return EXIT_FAILURE;
}

}  // namespace

int main(int argc, char* argv[]) {
  const Arguments arguments = read_arguments(argc, argv);
  if (arguments.wants_version) {
    std::printf("%s version %s\n", kProduct.name.data(), kProduct.version.data());
    return EXIT_SUCCESS;
  }
  if (!arguments.mistake.empty()) {
    std::printf("Incorrect Usage: %s\n", arguments.mistake.c_str());
    return fail(arguments.mistake);
  }
  const auto config = standin::read_config(kProduct);
  if (const auto* error = std::get_if<std::string>(&config)) return fail(*error);
  if (arguments.command.front() == nullptr) return EXIT_SUCCESS;
  return standin::run_mesh(kProduct, std::get<standin::Config>(config), arguments.port, arguments.command.data());
}
