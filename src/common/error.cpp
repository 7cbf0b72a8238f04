#include "common/error.h"

#include <new>
#include <system_error>

#include "common/text.h"

namespace mesh {
inline namespace common {

Error error_of(const std::exception& exception) {
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr) return {ErrorKind::out_of_resources, "out of memory"};
  const auto* system = dynamic_cast<const std::system_error*>(&exception);
  if (system != nullptr && system->code() == std::errc::resource_unavailable_try_again) {
    return {ErrorKind::out_of_resources, "cannot start a thread"};
  }
  return {ErrorKind::defect, text::printable_line(exception.what(), 200)};
}

}  // namespace common
}  // namespace mesh
