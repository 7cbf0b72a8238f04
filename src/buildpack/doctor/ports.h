#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/doctor/servers.h"
#include "buildpack/procfile/app.h"
#include "buildpack/procfile/shell_commands.h"

namespace mesh::buildpack::doctor {

// A value where a port is meant.
struct PortValue {
  enum class Kind { number, public_port, unknown };  // public_port: $PORT, where the mesh listens
  Kind kind = Kind::unknown;
  int number = 0;
  bool secret = false;  // it comes from a config var and is not printed

  bool operator==(const PortValue&) const = default;
};

PortValue port_value(const procfile::Value&, const procfile::Scope&, const procfile::App&);
std::optional<int> parse_port(std::string_view digits);
PortValue number_or_unknown(std::string_view digits);

// Returns the value that one of the flags gives at this word, or in it: "-p 3000", "-p3000", "--port=3000".
std::optional<procfile::Value> flag_value(const std::vector<procfile::Token>& words, std::size_t at, std::string_view flags);

inline constexpr int kSocket = 0;  // the number of a Unix socket, which has no port
inline constexpr int kDefaultAppPort = 3000;

// The port to which a mesh forwards: APP_PORT, else the YAML file's app.port, else 3000.
struct AppPort {
  enum class From { command, shell, config, settings_file, nowhere, unknown };  // unknown: a setting that cannot be seen
  From from = From::nowhere;
  PortValue value = {};
  bool hidden = false;  // APP_PORT is a variable of the shell that the mesh does not see
};

// `assignments` are those in front of the mesh; `scope` is what the shell knows before it.
AppPort app_port_of(const std::vector<procfile::Token>& assignments, const procfile::Scope& scope, const procfile::App&);

// Returns the PORT that a program sees, if it is not the one of the mesh: of "env PORT=4000 ./app".
std::optional<PortValue> own_port_variable(const procfile::Scope& program, const procfile::App&);

// Where a program listens. Unknown if it has no ports here.
struct Listening {
  std::vector<PortValue> ports = {};
  bool by_arguments = false;  // its arguments name the port
  bool by_variable = false;   // a variable of its own does
  bool by_file = false;       // its configuration file does

  bool is_public() const;
  // The first port if all are known and none is this one.
  std::optional<PortValue> other_than(int port) const;
};

// `shell` replaces the variables in the words; `program` is what the program sees.
Listening listening_of(const procfile::Command&, const Started&, const procfile::Scope& shell,
                       const procfile::Scope& program, const procfile::App&);

}  // namespace mesh::buildpack::doctor
