#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "platform/url.h"

namespace mesh {

// One file of a release: where it is, and what is known of it.
struct Artifact {
  std::string tag;  // the release's
  Url url;
  std::optional<Sha256> digest = {};  // as the release's publisher states it
};

// What to install: the places to try in this order. Only "there is no such file" leads on to the next one.
struct Plan {
  std::vector<Artifact> candidates;  // at least one
};

}  // namespace mesh
