#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "buildpack/release/config_vars.h"
#include "platform/clock.h"
#include "platform/console.h"
#include "platform/curl_http.h"
#include "platform/environment.h"
#include "platform/files.h"
#include "platform/http.h"
#include "platform/processes.h"

namespace mesh::buildpack {

// The values that a build starts from, read once before it begins.
struct BuildContext {
  std::string_view buildpack_version;  // "1.0.0"
  Path buildpack_directory;            // that this program belongs to
  Environment environment;             // of this process; of a Cloud Native build, with what the platform's directory sets
  ConfigVars config_vars;
  std::string trace_id;  // of this build: 32 lower-case hexadecimal digits, not all of them 0
};

// The outside of a build, one interface each. Borrowed for the length of the build.
struct World {
  Files& files;
  Processes& processes;
  Clock& clock;
  Console& console;
  // Makes the network, once the settings are known, which name its trust roots and proxies.
  std::function<std::unique_ptr<Http>(CurlHttpSettings)> connect;
  // Returns whether a signal asked the build to stop. Asked before every step; waiting code ends by itself.
  std::function<bool()> stopped;
};

}  // namespace mesh::buildpack
