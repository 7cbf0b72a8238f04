#pragma once

#include <memory>

#include "buildpack/base/architecture.h"
#include "buildpack/base/failure.h"
#include "buildpack/base/product.h"
#include "buildpack/pipeline/world.h"
#include "buildpack/procfile/app.h"
#include "buildpack/record/record.h"
#include "buildpack/release/inventory.h"
#include "buildpack/release/settings.h"
#include "buildpack/release/transport.h"

namespace mesh::buildpack {

// Where a build takes place.
struct Site {
  Path app;
  Architecture architecture = kArchitecture;  // of the machines that the app will run on
};

// The results of the first step of a build, for the later ones.
struct Prepared {
  Settings settings;
  Product product;
  procfile::App app;
  Inventory inventory;
  std::unique_ptr<Http> http;
  Transport transport;  // over `http`
};

// Reads the settings, chooses the product and makes the connection, in the step `settings`. The result borrows the context's
// config vars and the world. Failures: platform::build-directory, platform::inventory, config::*.
Result<Prepared> prepare(const Site&, const BuildContext&, const World&, Record&);

}  // namespace mesh::buildpack
