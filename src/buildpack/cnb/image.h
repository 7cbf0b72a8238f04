#pragma once

#include <string>
#include <vector>

#include "buildpack/cnb/earlier_processes.h"
#include "buildpack/cnb/wrap.h"
#include "buildpack/doctor/doctor.h"

namespace mesh::buildpack::cnb {

// The processes of the image that a build results in, as far as they are known before the later buildpacks run.
struct Image {
  ProcessList processes = {};               // what is declared, by the last buildpack that is known to declare it
  std::vector<std::string> wrapped = {};    // the types that this build put behind the mesh
  std::vector<std::string> replaced = {};   // the types that were chosen, but that heroku/procfile declares again without it
  bool is_final = true;                     // no later buildpack can replace what this one declares
  std::vector<std::string> later_web = {};  // ids of the later buildpacks that may replace the web process
};

Image image_of(const EarlierProcesses&, const WrapChoice&, const Wrapping&, const procfile::App&);

// Runs the doctor on the image: on a Procfile that has the commands of its processes. A command that the app's Procfile does
// not have is reported as its process type, without a line to write instead. Config vars count as unknown, because a build
// has variables of its own and not those of the running app.
doctor::Checkup examine_image(const Image&, const procfile::App&);

}  // namespace mesh::buildpack::cnb
