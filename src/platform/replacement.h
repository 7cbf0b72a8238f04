#pragma once

#include <string_view>

#include "platform/files.h"

namespace mesh {
inline namespace platform {

// Writes a file whole or not at all, mode 0644: a new one beside it, `<name>.new.XXXXXX`, takes its place. Several processes
// may do so at a time; one of them is last.
Result<void> replace_file(const Path&, std::string_view content);

// Removes such new files beside `path` that nobody works on any more: their makers were killed.
void remove_abandoned(const Path& path);

}  // namespace platform
}  // namespace mesh
