#pragma once

namespace mesh {
inline namespace platform {

// Opens /dev/null for each of stdin, stdout and stderr that is closed, so that no file of ours takes its number and then
// what was said to people. Called first of all.
void occupy_standard_streams();

}  // namespace platform
}  // namespace mesh
