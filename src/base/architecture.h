#pragma once

#include <string_view>

namespace mesh {

// The processor architecture this program was built for, as releases and the report name it.
inline constexpr std::string_view kArchitecture =
#if defined(__x86_64__)
    "amd64";
#elif defined(__aarch64__)
    "arm64";
#endif

}  // namespace mesh
