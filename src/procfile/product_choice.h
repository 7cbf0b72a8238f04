#pragma once

#include <string>

#include "procfile/app.h"

namespace mesh::procfile {

// Which mesh an app needs, and what tells so: "the Procfile calls heroku-applink-service-mesh".
struct ProductChoice {
  Product product;
  std::string reason;
};

// The product that the app names (App::product), else what its web process calls, else its other processes, else what
// scripts call that the web process starts, else the run-time settings file it brings, else the add-on whose config vars it
// has, else integration.
ProductChoice choose_product(const App&);

}  // namespace mesh::procfile
