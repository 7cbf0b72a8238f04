// Replaces the terminate handler in the static binary. The C++ library calls it if an exception cannot be handled, for
// example one that leaves a destructor; main handles all others. The library's own handler prints the exception's type and
// links a demangler, one percent of the binary.

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <string_view>

namespace __gnu_cxx {

void __verbose_terminate_handler() {
  constexpr std::string_view kMessage = " !     Error: Internal buildpack error: unhandled exception.\n";
  static_cast<void>(!::write(STDERR_FILENO, kMessage.data(), kMessage.size()));
  std::abort();
}

}  // namespace __gnu_cxx
