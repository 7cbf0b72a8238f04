#pragma once

#include <string>
#include <string_view>

#include "buildpack/doctor/doctor.h"

namespace mesh::buildpack::doctor {

// Renders a finding for people, in lines without a newline behind the last:
//   same-port (error), Procfile:1
//   The mesh itself listens on $PORT, so ...
//   Write instead:
//     web: APP_PORT=3000 ...
std::string describe(const Finding&);

// Renders a report for programs: one JSON object with `product`, `web`, `mistakes` (how many) and `findings`, each with
// `id`, `severity`, `location`, `message`, and `suggestion` if there is one.
std::string json(const Checkup&);

// Returns a shell command without the credentials in its addresses, and with "[redacted]" for values whose names say that
// they are secret: API_KEY=..., --password ....
std::string without_secrets(std::string_view command);

}  // namespace mesh::buildpack::doctor
