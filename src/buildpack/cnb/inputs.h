#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "buildpack/base/architecture.h"
#include "buildpack/base/failure.h"
#include "buildpack/record/record.h"
#include "buildpack/release/config_vars.h"
#include "platform/environment.h"
#include "platform/files.h"

namespace mesh::buildpack::cnb {

// What the lifecycle hands to bin/detect and bin/build: in the environment since Buildpack API 0.8, and as arguments in all
// of them so far (buildpacks/spec, buildpack.md, "Detection" and "Build").
struct Inputs {
  Path app;                  // the working directory
  Path platform;             // $CNB_PLATFORM_DIR; its env/ has a file for each variable of the user's
  Path layers = {};          // $CNB_LAYERS_DIR; of bin/build alone
  std::string system;        // $CNB_TARGET_OS, "linux" where it is not told
  std::string architecture;  // $CNB_TARGET_ARCH, this machine's where it is not told
  std::string stack = {};    // "ubuntu-24.04" of $CNB_TARGET_DISTRO_NAME and _VERSION, else $CNB_STACK_ID, else nothing

  // Whether the mesh is released for that target.
  bool is_supported() const { return system == "linux" && parse_architecture(architecture).has_value(); }

  Path env() const { return platform / "env"; }
};

// The environment variables that are looked at, besides those of the settings.
std::vector<std::string_view> lifecycle_variables();

// Whether bin/detect, which serves both generations, was called by the Cloud Native lifecycle. A classic build system passes
// the app's directory and nothing else, whatever is in its environment; a lifecycle passes the platform directory and the
// file for the build plan, or, should it leave its deprecated arguments out, names them in the environment.
bool is_cloud_native_detect(std::span<const char* const> arguments, const Environment&, Files&);

// Failure: platform::bad-arguments, when a directory is named neither way.
Result<Inputs> detect_inputs(std::span<const char* const> arguments, const Path& working_directory, const Environment&);
Result<Inputs> build_inputs(std::span<const char* const> arguments, const Path& working_directory, const Environment&);

// Returns the names of the lifecycle's directories in the details of failures.
PathNames names_of(const Inputs&, const Path& buildpack_directory);

// States what the lifecycle says of the target.
void state_target(const Inputs&, Record&);

// Returns the environment with the time limits and trust roots that are in the platform directory: with clear-env the
// lifecycle leaves these there, and a platform that does not clear it would have handed them over (buildpack.md, "Provided
// by the Platform").
Environment with_platform(const Environment&, const ConfigVars& platform);

}  // namespace mesh::buildpack::cnb
