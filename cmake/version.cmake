# `mesh_version`: the buildpack's values in buildpack.toml, as string literals for the only target that needs them:
# MESH_BUILDPACK_ID, _NAME, _VERSION and _HOMEPAGE. buildpack.toml is their only source.
set(manifest "${CMAKE_SOURCE_DIR}/buildpack.toml")
set_property(DIRECTORY "${CMAKE_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${manifest}")
add_library(mesh_version INTERFACE)
foreach(key id name version homepage)
  file(STRINGS "${manifest}" lines REGEX "^${key} = \"[^\"\\]+\"$")
  if(NOT lines)
    message(FATAL_ERROR "${manifest} has no line of the form: ${key} = \"...\"")
  endif()
  list(GET lines 0 line)  # other tables, which come later, have names too
  string(REGEX REPLACE "^[^\"]*\"(.*)\"$" "\\1" value "${line}")
  string(TOUPPER "${key}" name)
  target_compile_definitions(mesh_version INTERFACE "MESH_BUILDPACK_${name}=\"${value}\"")
endforeach()
