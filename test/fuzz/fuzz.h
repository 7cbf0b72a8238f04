#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "buildpack/base/failure.h"
#include "common/text.h"

// What the fuzz targets share. Each target gives any bytes to one of our parsers and checks what the parser's header
// promises: libFuzzer and the sanitizers only see crashes, waste and undefined behaviour.
namespace mesh::buildpack::fuzz {

// Ends the run, which keeps the input, when a promise is broken.
#define MUST(condition)                                                                    \
  do {                                                                                     \
    if (!(condition)) {                                                                    \
      std::fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                        \
    }                                                                                      \
  } while (false)

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline bool has_control_characters(std::string_view s) {
  for (const char c : s) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return true;
  }
  return false;
}

// As everything must be that goes into a log or a report.
inline bool is_printable_line(std::string_view s) { return !has_control_characters(s) && text::valid_utf8(s) == s; }

// The area of a failure's id: "archive" of "archive::corrupt".
inline std::string_view area(const Failure& failure) {
  const std::string_view id = entry(failure.reason).id;
  return id.substr(0, id.find("::"));
}

}  // namespace mesh::buildpack::fuzz

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
