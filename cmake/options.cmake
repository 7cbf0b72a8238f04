# `mesh_options`: compiler and linker options of all targets of this project.
option(MESH_SANITIZE "Address and undefined-behaviour sanitizers, checked library, warnings as errors" OFF)
option(MESH_STATIC "A small, hardened program that needs nothing of the system it runs on" OFF)
option(MESH_FUZZ "Sanitized and with libFuzzer's coverage: test/fuzz instead of the other tests, by clang" OFF)

add_library(mesh_flags INTERFACE)
add_library(mesh_options INTERFACE)
target_link_libraries(mesh_options INTERFACE mesh_flags)

target_compile_features(mesh_flags INTERFACE cxx_std_20)
target_compile_options(mesh_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor)

if(MESH_SANITIZE)
  target_compile_definitions(mesh_flags INTERFACE _GLIBCXX_ASSERTIONS)
  target_compile_options(mesh_flags INTERFACE
    -Werror -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(mesh_flags INTERFACE -fsanitize=address,undefined)
endif()

if(MESH_FUZZ)
  target_compile_definitions(mesh_flags INTERFACE _GLIBCXX_ASSERTIONS)
  target_compile_options(mesh_flags INTERFACE
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(mesh_flags INTERFACE -fsanitize=address,undefined)
endif()

if(MESH_STATIC)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)  # a tenth of a megabyte less
  # The program contains no paths of this machine, so that two checkouts give the same bytes.
  target_compile_options(mesh_flags INTERFACE
    "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=." "-ffile-prefix-map=${CMAKE_BINARY_DIR}=build"
    "-ffile-prefix-map=${MESH_DEPS_PREFIX}=deps"
    -fPIE -ffunction-sections -fdata-sections
    -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  target_link_options(mesh_flags INTERFACE
    -static-pie LINKER:--gc-sections LINKER:-z,relro,-z,now,-z,noexecstack LINKER:--build-id=none
    LINKER:--strip-all)

  # A position-independent static program carries half a megabyte of relocations, which the packed form
  # makes small. The C library must support it (glibc since 2.36), which only running a program shows: one for another
  # architecture is run by CMAKE_CROSSCOMPILING_EMULATOR.
  include(CheckCXXSourceRuns)
  set(CMAKE_REQUIRED_FLAGS -fPIE)
  set(CMAKE_REQUIRED_LINK_OPTIONS -static-pie LINKER:-z,pack-relative-relocs LINKER:--fatal-warnings)
  check_cxx_source_runs("
    #include <elf.h>
    extern \"C\" __attribute__((visibility(\"hidden\"))) const Elf64_Dyn _DYNAMIC[];
    const char* volatile const words[] = {\"one\", \"two\"};
    int main(int count, char**) {
      const Elf64_Dyn* entry = _DYNAMIC;
      while (entry->d_tag != DT_NULL && entry->d_tag != 36) ++entry;  // DT_RELR: some linkers ignore the option
      return entry->d_tag == 36 && words[count][0] == 't' ? 0 : 1;
    }" MESH_PACKED_RELOCATIONS)
  if(MESH_PACKED_RELOCATIONS)
    target_link_options(mesh_flags INTERFACE LINKER:-z,pack-relative-relocs)
  endif()
  unset(CMAKE_REQUIRED_FLAGS)
  unset(CMAKE_REQUIRED_LINK_OPTIONS)

  # Objects, because members of a static library would not be linked: no code of this project calls them.
  add_library(mesh_static_parts OBJECT src/platform/static_nss.cpp src/platform/plain_terminate.cpp)
  target_link_libraries(mesh_static_parts PRIVATE mesh_flags)
  target_link_libraries(mesh_options INTERFACE $<TARGET_OBJECTS:mesh_static_parts>)
endif()
