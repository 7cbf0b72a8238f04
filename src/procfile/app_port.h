#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "procfile/app.h"
#include "procfile/mesh_call.h"

namespace mesh::procfile {

// What a word stands for where a port is meant.
struct PortValue {
  enum class Kind { number, public_port, unknown };  // public_port: $PORT, where the mesh listens
  Kind kind = Kind::unknown;
  int number = 0;
  bool secret = false;  // it comes from a config var, and is not told
};

PortValue port_value(std::string_view value, const std::vector<Expansion>&, const Scope&, const Surroundings&);
std::optional<int> parse_port(std::string_view digits);

// The port to which a mesh forwards: APP_PORT, else the YAML file's app.port, else 3000.
struct AppPort {
  enum class From { command, shell, config, settings_file, nowhere, unknown };  // unknown: what could set it is not known
  From from = From::nowhere;
  PortValue value = {};
  std::optional<Token> assignment = {};  // where the command itself sets it
  std::string spelled = "3000";          // how the app's own arguments can name it
};

inline constexpr int kDefaultAppPort = 3000;

AppPort app_port_of(const MeshCall&, const Surroundings&);

// A port that a program is told on its command line: --port 3000, -Dserver.port=3000, --bind 0.0.0.0:3000.
struct PortArgument {
  std::string value;                  // without what is in front of it: "3000", "$PORT"
  std::vector<Expansion> expansions;  // of the word
  std::size_t begin = 0;              // in the text; begin == end where quotes hide it
  std::size_t end = 0;
};

std::vector<PortArgument> port_arguments(const std::vector<Token>& words, std::size_t from);

}  // namespace mesh::procfile
