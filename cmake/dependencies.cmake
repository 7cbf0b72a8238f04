# Builds the static dependencies at configure time, unless this recipe was built before, and imports them.
# All presets use the same set, so that the tests use the libraries of the release. It is kept in
#   ${MESH_BUILDPACK_DEPS:-${XDG_CACHE_HOME:-$HOME/.cache}/mesh-buildpack/deps}/<hash of the recipe>
# or, without a usable home directory, in .deps/ of the checkout. The sources that were downloaded are kept beside
# it, or in ${MESH_BUILDPACK_DOWNLOADS}.

# Sets the directory of built dependencies. Creates it.
function(mesh_deps_cache result)
  set(candidates "${CMAKE_SOURCE_DIR}/.deps")
  if(NOT "$ENV{HOME}" STREQUAL "")
    list(PREPEND candidates "$ENV{HOME}/.cache/mesh-buildpack/deps")
  endif()
  if(NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
    list(PREPEND candidates "$ENV{XDG_CACHE_HOME}/mesh-buildpack/deps")
  endif()
  if(NOT "$ENV{MESH_BUILDPACK_DEPS}" STREQUAL "")
    set(candidates "$ENV{MESH_BUILDPACK_DEPS}")
  endif()
  foreach(candidate IN LISTS candidates)
    set(probe "${candidate}/.writable")
    execute_process(COMMAND "${CMAKE_COMMAND}" -E make_directory "${candidate}" ERROR_QUIET)
    execute_process(COMMAND "${CMAKE_COMMAND}" -E touch "${probe}" RESULT_VARIABLE failed ERROR_QUIET)
    if(NOT failed)
      set(${result} "${candidate}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "No writable directory for the dependencies: tried ${candidates}. Name one in MESH_BUILDPACK_DEPS.")
endfunction()

# Their compilers: the program's own, except for the fuzz targets, which clang compiles and which link the same set.
set(MESH_DEPS_C_COMPILER "${CMAKE_C_COMPILER}")
set(MESH_DEPS_CXX_COMPILER "${CMAKE_CXX_COMPILER}")
if(MESH_FUZZ)
  unset(MESH_DEPS_C_COMPILER)
  unset(MESH_DEPS_CXX_COMPILER)
  find_program(MESH_DEPS_C_COMPILER NAMES gcc-12 gcc REQUIRED)
  find_program(MESH_DEPS_CXX_COMPILER NAMES g++-12 g++ REQUIRED)
endif()

# The result depends on the recipe's files, the compiler (its version text names the distribution
# whose headers it uses), the toolchain file and the architecture. One changed byte makes another directory.
function(mesh_deps_recipe result)
  set(recipe "${CMAKE_SYSTEM_PROCESSOR}\n")
  set(files deps.lock fetch.py apt_index.py CMakeLists.txt isal_dispatch.c)
  foreach(compiler "${MESH_DEPS_C_COMPILER}" "${MESH_DEPS_CXX_COMPILER}")
    execute_process(COMMAND "${compiler}" --version OUTPUT_VARIABLE version COMMAND_ERROR_IS_FATAL ANY)
    string(APPEND recipe "${version}")
  endforeach()
  list(TRANSFORM files PREPEND "${CMAKE_SOURCE_DIR}/cmake/deps/" OUTPUT_VARIABLE paths)
  foreach(path IN LISTS paths CMAKE_TOOLCHAIN_FILE)
    set_property(DIRECTORY "${CMAKE_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
    file(SHA256 "${path}" digest)
    cmake_path(GET path FILENAME file)
    string(APPEND recipe "${file} ${digest}\n")
  endforeach()
  string(SHA256 digest "${recipe}")
  string(SUBSTRING "${digest}" 0 16 digest)
  set(${result} "${digest}" PARENT_SCOPE)
endfunction()

# Runs one step of the build, with its output in `log`. Prints the end of the log if it fails.
function(mesh_deps_step log)
  # Search paths and flags of the environment would change the library.
  set(clean LIBRARY_PATH CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH CFLAGS CXXFLAGS CPPFLAGS LDFLAGS)
  list(TRANSFORM clean PREPEND --unset=)
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -E env ${clean} ${ARGN}
    OUTPUT_FILE "${log}" ERROR_FILE "${log}" RESULT_VARIABLE failed)
  if(failed)
    file(STRINGS "${log}" lines)
    list(LENGTH lines count)
    math(EXPR first "${count} > 60 ? ${count} - 60 : 0")
    list(SUBLIST lines ${first} -1 lines)
    list(JOIN lines "\n" lines)
    message(NOTICE "${lines}")
    message(FATAL_ERROR "A dependency did not build; the end of ${log} is above")
  endif()
endfunction()

# Builds everything below `work`, which is renamed at the end, so that a failed build leaves no finished directory.
function(mesh_deps_build work downloads)
  file(REMOVE_RECURSE "${work}")
  file(MAKE_DIRECTORY "${work}/prefix")
  message(NOTICE "Fetching the sources of the dependencies")
  execute_process(
    COMMAND "${MESH_PYTHON}" -B "${CMAKE_SOURCE_DIR}/cmake/deps/fetch.py"
      "${CMAKE_SOURCE_DIR}/cmake/deps/deps.lock" "${downloads}" "${work}/src"
    COMMAND_ERROR_IS_FATAL ANY)
  message(NOTICE "Building the dependencies, once (one to three minutes)")
  set(toolchain "")
  if(CMAKE_TOOLCHAIN_FILE)
    set(toolchain "-DCMAKE_TOOLCHAIN_FILE=${CMAKE_TOOLCHAIN_FILE}")
  endif()
  mesh_deps_step("${work}/configure.log" "${CMAKE_COMMAND}" -G Ninja
    -S "${CMAKE_SOURCE_DIR}/cmake/deps" -B "${work}/build" "-DCMAKE_MAKE_PROGRAM=${CMAKE_MAKE_PROGRAM}"
    "-DDEPS_SOURCES=${work}/src" "-DDEPS_PREFIX=${work}/prefix"
    "-DCMAKE_C_COMPILER=${MESH_DEPS_C_COMPILER}" "-DCMAKE_CXX_COMPILER=${MESH_DEPS_CXX_COMPILER}" ${toolchain})
  mesh_deps_step("${work}/build.log" "${CMAKE_COMMAND}" --build "${work}/build")
  file(READ "${work}/src/provenance.json" dependencies)
  execute_process(COMMAND "${MESH_DEPS_CXX_COMPILER}" --version OUTPUT_VARIABLE compiler)
  string(REGEX REPLACE "\n.*" "" compiler "${compiler}")
  file(WRITE "${work}/prefix/provenance.json"
    "{\n\"compiler\": \"${compiler}\",\n\"architecture\": \"${CMAKE_SYSTEM_PROCESSOR}\",\n\"dependencies\": ${dependencies}}\n")
endfunction()

# Imports one archive: mesh_import(TARGET ARCHIVE DEFINITION... LINKS targets...).
function(mesh_import target archive)
  cmake_parse_arguments(PARSE_ARGV 2 import "" "" "DEFINITIONS;LINKS")
  add_library(${target} STATIC IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION "${MESH_DEPS_PREFIX}/lib/${archive}"
    INTERFACE_INCLUDE_DIRECTORIES "${MESH_DEPS_PREFIX}/include"
    INTERFACE_COMPILE_DEFINITIONS "${import_DEFINITIONS}"
    INTERFACE_LINK_LIBRARIES "${import_LINKS}")
endfunction()

set(MESH_PYTHON /usr/bin/python3) # by path: a version manager's python may come first on PATH

mesh_deps_cache(cache)
mesh_deps_recipe(recipe)
set(MESH_DEPS_PREFIX "${cache}/${recipe}")
set(MESH_DEPS_DOWNLOADS "${cache}/downloads")
if(NOT "$ENV{MESH_BUILDPACK_DOWNLOADS}" STREQUAL "")
  set(MESH_DEPS_DOWNLOADS "$ENV{MESH_BUILDPACK_DOWNLOADS}")
endif()
file(LOCK "${cache}/${recipe}.lock" TIMEOUT 3600) # a concurrent build of the same recipe waits and finds it done
if(NOT EXISTS "${MESH_DEPS_PREFIX}/provenance.json")
  mesh_deps_build("${cache}/${recipe}.building" "${MESH_DEPS_DOWNLOADS}")
  file(RENAME "${cache}/${recipe}.building/prefix" "${MESH_DEPS_PREFIX}")
  file(REMOVE_RECURSE "${cache}/${recipe}.building")
endif()
file(LOCK "${cache}/${recipe}.lock" RELEASE)
message(STATUS "Dependencies: ${MESH_DEPS_PREFIX}")
configure_file("${MESH_DEPS_PREFIX}/provenance.json" "${CMAKE_BINARY_DIR}/provenance.json" COPYONLY)

find_package(Threads REQUIRED)
mesh_import(isal libisal.a)
mesh_import(ZLIB::ZLIB libz.a)
mesh_import(OpenSSL::Crypto libcrypto.a LINKS Threads::Threads)
mesh_import(OpenSSL::SSL libssl.a LINKS OpenSSL::Crypto)
mesh_import(CURL::libcurl libcurl.a DEFINITIONS CURL_STATICLIB LINKS OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
mesh_import(fmt::fmt libfmt.a)
mesh_import(yaml-cpp libyaml-cpp.a DEFINITIONS YAML_CPP_STATIC_DEFINE)
mesh_import(LibArchive::LibArchive libarchive.a DEFINITIONS LIBARCHIVE_STATIC)
mesh_import(GTest::gtest libgtest.a LINKS Threads::Threads)
mesh_import(GTest::gtest_main libgtest_main.a LINKS GTest::gtest)
mesh_import(GTest::gmock libgmock.a LINKS GTest::gtest)
add_library(nlohmann_json::nlohmann_json INTERFACE IMPORTED GLOBAL)
target_include_directories(nlohmann_json::nlohmann_json SYSTEM INTERFACE "${MESH_DEPS_PREFIX}/include")
add_library(tomlplusplus INTERFACE IMPORTED GLOBAL)
target_include_directories(tomlplusplus SYSTEM INTERFACE "${MESH_DEPS_PREFIX}/include")
