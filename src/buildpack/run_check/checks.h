#pragma once

#include <cstddef>

// What can be seen of an app's environment just before one of its processes starts. Part of mesh-check, a program of its own
// that runs on images without a C library: nothing here may need one, nor the C++ library. Nothing is allocated, nothing
// fails.
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

// The last part of the program's path says what the build knew: it holds "integration" or "applink", the product that is
// installed, and ends in "-own-port" where the command that starts the mesh sets APP_PORT itself. With any other name, what
// depends on the product is not looked at. (The directories in front have the buildpack's own id in them.)
//
// `environment` ends with a null pointer, as that of a process; null is as good as empty. Its values decide what is said;
// none is told.
void check(const char* program_path, const char* const* environment, Report&);

}  // namespace mesh::buildpack::run_check
