#pragma once

#include <string_view>

#include "buildpack/doctor/doctor.h"
#include "buildpack/release/config_vars.h"
#include "platform/console.h"
#include "platform/files.h"

namespace mesh::buildpack {

// Returns the app in this directory and its config vars as the doctor looks at them. A file that cannot be read counts as
// missing, and so does a link that leads out of the app; a config var that cannot be read counts as unset. Borrows the
// config vars and the files.
procfile::App app_in(const Path& app, const ConfigVars&, Files&);

// Logs how the app must start behind the mesh, and the findings. `took`: the duration of the check as text.
void advise(const doctor::Checkup&, std::string_view took, Console&);

}  // namespace mesh::buildpack
