#pragma once

#include <string_view>

#include "platform/files.h"

namespace mesh {
inline namespace platform {

// Replaces a file atomically, with mode 0644: writes `<name>.new.XXXXXX` beside it, and renames it. Several processes may do
// so at a time; the last one wins.
Result<void> replace_file(const Path&, std::string_view content);

// Removes the new files beside `path` that killed processes left.
void remove_abandoned(const Path& path);

}  // namespace platform
}  // namespace mesh
