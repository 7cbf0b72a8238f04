#pragma once

#include <optional>
#include <string>

#include "buildpack/doctor/ports.h"

namespace mesh::buildpack::doctor {

// Where a program listens by its own source.
struct SourcePort {
  std::string place;    // "server.js:4"
  PortValue port = {};  // unknown: the source reads APP_PORT
};

// Reads the source of a program that a command starts, and the files of the app that it imports. It is a guess: other
// files may decide. Returns nullopt without a source that reads PORT or APP_PORT or listens on one port that it names.
std::optional<SourcePort> port_by_source(const procfile::Command&, const Started&, const procfile::App&);

}  // namespace mesh::buildpack::doctor
