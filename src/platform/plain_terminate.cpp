// For the static program alone: what the C++ library calls when an exception cannot be handled (one that leaves a
// destructor, say; all others end at main's own handler). The library's own prints the exception's type, for which it brings
// along a reader of mangled names, a hundredth of the program.

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <string_view>

namespace __gnu_cxx {

void __verbose_terminate_handler() {
  constexpr std::string_view kMessage = " !     The buildpack's program stopped: an exception could not be handled.\n";
  static_cast<void>(!::write(STDERR_FILENO, kMessage.data(), kMessage.size()));
  std::abort();
}

}  // namespace __gnu_cxx
