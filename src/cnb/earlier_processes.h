#pragma once

#include <string>
#include <vector>

#include "cnb/process.h"
#include "platform/files.h"

namespace mesh::cnb {

// What the buildpacks before this one declared.
struct EarlierProcesses {
  ProcessList processes = {};
  std::vector<std::string> later = {};     // ids of the buildpacks that run after this one; empty where that is not known
  std::vector<std::string> warnings = {};  // what was passed over, and why: a sentence each
};

// Reads <layers>/../<buildpack>/launch.toml of every buildpack that ran before the one that <layers> ($CNB_LAYERS_DIR)
// belongs to. That they lie there, and that the detector leaves the order in <layers>/../group.toml, is how the lifecycle
// does it (0.17 to 0.21), not what its specification promises: what is missing is passed over. Without a usable group.toml
// all other directories are read, sorted by name: those that run later have no launch.toml yet.
//
// Takes any bytes, never fails. Neither links nor what is no regular file is followed or read, nor a file beyond
// kMaxTomlBytes, nor a process that the lifecycle would not take.
EarlierProcesses earlier_processes(const Path& layers, Files&);

// heroku/procfile, where it runs later: what it declares takes the place of what was declared before.
bool has_later_procfile(const EarlierProcesses&);

}  // namespace mesh::cnb
