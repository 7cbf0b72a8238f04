#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "buildpack/base/product.h"
#include "platform/clock.h"
#include "platform/console.h"
#include "platform/curl_http.h"
#include "platform/environment.h"
#include "platform/files.h"
#include "platform/http.h"
#include "platform/processes.h"

namespace mesh::buildpack {

// The outside of a build, seam by seam. Borrowed for the length of the build.
struct World {
  std::string_view buildpack_version;  // "1.0.0"
  Path buildpack_directory;            // that this program belongs to
  Files& files;
  Processes& processes;
  Clock& clock;
  Console& console;
  const Environment& environment;
  // Made once the settings are known, which hold its trust roots and proxies.
  std::function<std::unique_ptr<Http>(CurlHttpSettings)> connect;
  // Whether somebody asked the build to stop. Looked at before every step; waiting code ends by itself.
  std::function<bool()> stopped;
  std::string trace_id = {};  // of this build: 32 lower-case hexadecimal digits, not all of them 0
  // What the build turns out to install: for the words of its failure.
  Product product = Product::integration;
};

}  // namespace mesh::buildpack
