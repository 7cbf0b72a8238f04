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

// The inputs of bin/detect and bin/build: environment variables since Buildpack API 0.8, and arguments in all versions so
// far (buildpacks/spec, buildpack.md, "Detection" and "Build").
struct Inputs {
  Path app;                  // the working directory
  Path platform;             // $CNB_PLATFORM_DIR; its env/ contains a file for each of the user's variables
  Path layers = {};          // $CNB_LAYERS_DIR; only of bin/build
  std::string system;        // $CNB_TARGET_OS, by default "linux"
  std::string architecture;  // $CNB_TARGET_ARCH, by default this machine's
  std::string stack = {};    // "ubuntu-24.04" of $CNB_TARGET_DISTRO_NAME and _VERSION, else $CNB_STACK_ID, else nothing

  // Returns whether the mesh is released for the target.
  bool is_supported() const { return system == "linux" && parse_architecture(architecture).has_value(); }

  Path env() const { return platform / "env"; }
};

// Returns the names of the environment variables that the inputs come from.
std::vector<std::string_view> lifecycle_variables();

// Returns whether the Cloud Native lifecycle called bin/detect, which serves Cedar and Fir. A classic build system passes
// only the app's directory. A lifecycle passes the platform directory and the file for the build plan; without these
// deprecated arguments, it names them in the environment.
bool is_cloud_native_detect(std::span<const char* const> arguments, const Environment&, Files&);

// Return the inputs with absolute paths. Failure: platform::bad-arguments, if a directory is named neither way.
Result<Inputs> detect_inputs(std::span<const char* const> arguments, const Path& working_directory, const Environment&);
Result<Inputs> build_inputs(std::span<const char* const> arguments, const Path& working_directory, const Environment&);

// Returns the names of the lifecycle's directories in the details of failures.
PathNames names_of(const Inputs&, const Path& buildpack_directory);

// States the facts about the target.
void state_target(const Inputs&, Record&);

// Returns the environment with the time limits and trust roots that are in the platform directory: with clear-env the
// lifecycle leaves these there, and a platform that does not clear it would have handed them over (buildpack.md, "Provided
// by the Platform").
Environment with_platform(const Environment&, const ConfigVars& platform);

}  // namespace mesh::buildpack::cnb
