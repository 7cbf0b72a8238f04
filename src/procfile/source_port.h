#pragma once

#include <string>
#include <vector>

#include "procfile/app.h"
#include "procfile/finding.h"

namespace mesh::procfile {

// Sources of the app (and Spring's application.properties beside a jar) that read PORT and never APP_PORT.
std::vector<Finding> check_app_sources(const std::vector<std::string>& paths, const App&);

}  // namespace mesh::procfile
