#pragma once

#include <cstddef>

// Checks the environment of an app just before one of its processes starts. Part of mesh-check, a program of its own that
// also runs on images without a C library: this code may use neither the C nor the C++ library. It allocates no memory and
// cannot fail.
namespace mesh::buildpack::run_check {

struct Text {
  const char* begin;
  std::size_t size;
};

// Lines for the app's log. What does not fit any more is left out.
class Report {
 public:
  void add(Text);
  Text text() const { return {text_, size_}; }

 private:
  static constexpr std::size_t kCapacity = 4096;  // a pipe takes as much whole

  char text_[kCapacity];  // NOLINT(modernize-avoid-c-arrays): needs no library
  std::size_t size_ = 0;
};

// Reports problems in the environment.
//
// The last part of `program_path` contains what the build knew: "integration" or "applink", the installed product, and
// "-own-port" at the end if the command that starts the mesh sets APP_PORT itself. With any other name, the checks of a
// product are skipped. (The directories before it contain the buildpack's own id.)
//
// `environment` ends with a null pointer, like that of a process; a null pointer counts as empty. No value is printed.
void check(const char* program_path, const char* const* environment, Report&);

}  // namespace mesh::buildpack::run_check
