#include "platform/processes.h"

#include "common/text.h"

namespace mesh {
inline namespace platform {

std::optional<Path> find_program(std::string_view name, std::string_view search_path, Files& files) {
  for (const std::string_view directory : text::split(search_path, ':')) {
    if (!directory.starts_with('/')) continue;
    const Path path = Path(directory) / name;
    if (files.is_executable(path)) return path;
  }
  return std::nullopt;
}

}  // namespace platform
}  // namespace mesh
