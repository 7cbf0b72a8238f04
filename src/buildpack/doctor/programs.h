#pragma once

#include <optional>
#include <string>
#include <vector>

#include "buildpack/doctor/mesh_call.h"
#include "buildpack/doctor/port_sources.h"
#include "buildpack/doctor/ports.h"
#include "buildpack/doctor/scripts.h"
#include "buildpack/procfile/app.h"

namespace mesh::buildpack::doctor {

// A program that a call surely runs in the foreground, and where that listens.
struct Program {
  Leaf leaf;
  bool direct = false;  // the words of the call itself, not of a script that it starts
  Listening listening = {};
  std::optional<PortValue> given_port = {};  // a PORT of its own
  std::optional<SourcePort> source = {};     // where nothing else says where it listens
};

std::vector<Program> programs_behind(const MeshCall&, const Leaf&, const procfile::App&);

// Returns a flag without its value, which may be secret: "--port" of "--port=3000".
std::string flag_name(const procfile::Token&);

// Returns the index of a word that looks like a port flag but that the program does not have; nullopt without such a word.
std::optional<std::size_t> unknown_port_flag(const Program&);

// Returns the index of a port flag behind which its value is missing; nullopt without such a word.
std::optional<std::size_t> flag_without_value(const Program&);

// Returns a word that names $PORT or $APP_PORT as a port in single quotes; nullptr without such a word.
const procfile::Token* quoted_variable(const Program&);

// Whether a program's file is in the app, but not where the shell looks for it: "start.sh" without "./".
bool is_off_path(const Program&, const procfile::App&);

// Returns a word that puts the program into the background; nullptr without such a word.
const procfile::Token* background_option(const Program&);

// Returns the script that npm looks for and package.json surely lacks; empty otherwise.
std::string missing_script(const Program&, const procfile::App&);

// Whether a program starts the processes of the app's Procfile, and with them the mesh.
bool starts_procfile(const Program&, const procfile::App&);

}  // namespace mesh::buildpack::doctor
