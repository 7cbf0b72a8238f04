#pragma once

#include <string>

#include "config.h"

namespace standin {

// Runs the mesh in front of `command` until that ends; returns the mesh's exit code.
//
// Listens before it starts the command, and ends without starting it if the port is taken: the real mesh does both at once.
int run_mesh(const Product& product, const Config& config, const std::string& port, char* const command[]);

}  // namespace standin
