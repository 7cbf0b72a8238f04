#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "buildpack/cnb/process.h"
#include "platform/files.h"

namespace mesh::buildpack::cnb {

// Declares the process types of the Procfile.
inline constexpr std::string_view kProcfileBuildpack = "heroku/procfile";

// What the buildpacks before this one declared.
struct EarlierProcesses {
  ProcessList processes = {};
  std::vector<std::string> later = {};     // ids of the buildpacks that run after this one; empty where that is not known
  std::vector<std::string> warnings = {};  // what was passed over, and why: a sentence each
  bool is_followed_by_procfile = false;    // then the Procfile's types replace what was declared before
  bool may_read_procfile = true;           // false if surely no buildpack of the build does
};

// Reads <layers>/../<buildpack>/launch.toml of every buildpack that ran before the one that <layers> ($CNB_LAYERS_DIR)
// belongs to. That they lie there, and that the detector leaves the order in <layers>/../group.toml, is how the lifecycle
// does it (0.17 to 0.21), not what its specification promises: what is missing is passed over. Without a usable group.toml
// all other directories are read, sorted by name: those that run later have no launch.toml yet.
//
// Takes any bytes, never fails. Neither links nor what is no regular file is followed or read, nor a file beyond
// kMaxTomlBytes, nor a process that the lifecycle would not take.
EarlierProcesses earlier_processes(const Path& layers, Files&);

}  // namespace mesh::buildpack::cnb
