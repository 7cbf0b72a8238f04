# `mesh_version`: compile definition MESH_BUILDPACK_VERSION, a string literal, for the one target that
# needs it. The version stands in buildpack.toml alone.
set(manifest "${CMAKE_SOURCE_DIR}/buildpack.toml")
set_property(DIRECTORY "${CMAKE_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${manifest}")
file(STRINGS "${manifest}" lines REGEX "^version = \"[0-9]+\\.[0-9]+\\.[0-9]+\"$")
list(LENGTH lines count)
if(NOT count EQUAL 1)
  message(FATAL_ERROR "${manifest} has ${count} lines of the form: version = \"1.2.3\"; one is needed")
endif()
string(REGEX REPLACE "^version = \"(.*)\"$" "\\1" MESH_BUILDPACK_VERSION "${lines}")

add_library(mesh_version INTERFACE)
target_compile_definitions(mesh_version INTERFACE "MESH_BUILDPACK_VERSION=\"${MESH_BUILDPACK_VERSION}\"")
