#pragma once

#include <string>
#include <vector>

#include "buildpack/cnb/earlier_processes.h"
#include "buildpack/cnb/wrap.h"
#include "buildpack/doctor/doctor.h"

namespace mesh::buildpack::cnb {

// The processes of the finished image, as far as they are known before the later buildpacks run.
struct Image {
  ProcessList processes = {};               // of each type, the last known declaration
  std::vector<std::string> wrapped = {};    // the types that this build put behind the mesh
  std::vector<std::string> replaced = {};   // the chosen types that heroku/procfile declares again without the mesh
  bool is_final = true;                     // no later buildpack can replace the processes of this one
  std::vector<std::string> later_web = {};  // ids of the later buildpacks that may replace the web process
};

Image image_of(const EarlierProcesses&, const WrapChoice&, const Wrapping&, const procfile::App&);

// Runs the doctor on a Procfile with the commands of the image's processes. The place of a command that the app's Procfile
// does not contain is its process type, and its finding suggests no line. Config vars count as unknown, because a build has
// its own variables and not those of the running app.
doctor::Checkup examine_image(const Image&, const procfile::App&);

}  // namespace mesh::buildpack::cnb
