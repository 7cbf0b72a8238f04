#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "buildpack/cnb/process.h"
#include "platform/files.h"

namespace mesh::buildpack::cnb {

// The buildpack that declares the process types of the Procfile.
inline constexpr std::string_view kProcfileBuildpack = "heroku/procfile";

// The processes that earlier buildpacks declared.
struct EarlierProcesses {
  ProcessList processes = {};
  std::vector<std::string> later = {};     // ids of the buildpacks that run after this one; empty if unknown
  std::vector<std::string> warnings = {};  // one sentence for each ignored file or process
  bool is_followed_by_procfile = false;    // then the Procfile's types replace the declared ones
  bool may_read_procfile = true;           // false if certainly no buildpack of the build does
};

// Reads <layers>/../<buildpack>/launch.toml of every buildpack that ran before the one that <layers> ($CNB_LAYERS_DIR)
// belongs to. These paths, and the order in <layers>/../group.toml, are a habit of the lifecycle (0.17 to 0.21), not a
// promise of its specification: a missing file is ignored. Without a usable group.toml, all other directories are read,
// sorted by name: later buildpacks have no launch.toml yet.
//
// Accepts any bytes and never fails. Follows no links. Reads only regular files of at most kMaxTomlBytes, and ignores
// processes that the lifecycle would reject.
EarlierProcesses earlier_processes(const Path& layers, Files&);

}  // namespace mesh::buildpack::cnb
