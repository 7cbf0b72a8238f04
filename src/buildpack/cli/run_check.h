#pragma once

#include <string_view>

namespace mesh::buildpack::cli {

// The program that looks at a dyno's surroundings before the app starts (src/buildpack/run_check), which this one carries in
// itself: a launch layer then has it whatever way this program came here.
std::string_view run_check();

}  // namespace mesh::buildpack::cli
