# Sourced by the other scripts, from the root of the checkout: the tools they all use.
# shellcheck shell=sh

# The cache between builds; the same rule as in cmake/dependencies.cmake.
mesh_cache="${XDG_CACHE_HOME:-${HOME:-$PWD/.deps}/.cache}/mesh-buildpack"

# Distributions whose CMake is older than 3.25 get this one, from a private Python environment.
mesh_cmake_version=3.31.6
mesh_cmake="$mesh_cache/cmake-$mesh_cmake_version"

# Only tests use these: readers of traces, and a Go to build one of them if the machine's Go is missing or too old.
# shellcheck disable=SC2034 # for script/setup
mesh_tools="$mesh_cache/tools" mesh_go_version=1.26.6 mesh_protobuf_version=7.36.2 mesh_otlp_version=1.45.2

# Further validators (script/lifecycle.sh); tools/lifecycle.py uses the same directories.
mesh_lifecycle_version=0.21.17
mesh_pack_version=0.40.6
# shellcheck disable=SC2034 # for script/setup
mesh_lifecycle="$mesh_tools/lifecycle-$mesh_lifecycle_version" mesh_pack="$mesh_tools/pack-$mesh_pack_version" \
  mesh_sbom_readers="$mesh_tools/sbom-readers"

# Returns whether the cmake on PATH is 3.25 or newer.
cmake_is_new_enough() {
  command -v cmake >/dev/null 2>&1 || return 1
  cmake_found=$(cmake --version) || return 1
  cmake_found=${cmake_found#cmake version }
  cmake_major=${cmake_found%%.*}
  cmake_minor=${cmake_found#*.}
  cmake_minor=${cmake_minor%%.*}
  [ "$cmake_major" -gt 3 ] || { [ "$cmake_major" -eq 3 ] && [ "$cmake_minor" -ge 25 ]; }
}

if [ -x "$mesh_cmake/bin/cmake" ] && ! cmake_is_new_enough; then
  PATH="$mesh_cmake/bin:$PATH"
fi

# Search paths and flags of the caller's would change what is built.
unset LIBRARY_PATH CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH CFLAGS CXXFLAGS CPPFLAGS LDFLAGS
