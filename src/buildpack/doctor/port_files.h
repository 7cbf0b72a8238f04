#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "buildpack/doctor/ports.h"

namespace mesh::buildpack::doctor {

// Whether a file is there but too large to read, or behind a link out of the app: it may name any port.
bool is_unreadable(const std::string& path, const procfile::App&);

// Whether a text reads the variable PORT: process.env.PORT, ENV["PORT"], getenv("PORT"), ${PORT}.
bool reads_port(std::string_view text);

// Returns the port that an expression of a file names: "0.0.0.0:8000", ENV.fetch("PORT") { 3000 }, f"0.0.0.0:{port}" with
// what the file assigns to `port`. Unknown if it is more than a literal or a plain read of a variable.
PortValue port_of_expression(std::string_view expression, std::string_view file);

// Returns the port of an app that is started as a jar of its own build: of its framework's configuration files, else of the
// framework. Nullopt if neither is known. `program` is what the app sees.
std::optional<PortValue> java_port(const procfile::Command&, const procfile::Scope& program, const procfile::App&);

// Returns the port that a configuration file gives a server: the one that its arguments name, or the one that it reads by
// itself. Returns nullopt if no file names a port. `program` is what the server sees.
std::optional<PortValue> port_by_file(const procfile::Command&, const Started&, const procfile::Scope& program,
                                      const procfile::App&);

}  // namespace mesh::buildpack::doctor
