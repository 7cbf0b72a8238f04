#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "buildpack/base/failure.h"
#include "common/text.h"

// Shared code of the fuzz targets. Each target passes untrusted input to one parser and checks the contract in the parser's
// header: libFuzzer and the sanitizers detect only crashes, leaks and undefined behaviour.
namespace mesh::buildpack::fuzz {

// Aborts, which makes libFuzzer store the input, if the condition is false.
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

// Checks the form that every text in a log or a report must have.
inline bool is_printable_line(std::string_view s) { return !has_control_characters(s) && text::valid_utf8(s) == s; }

// Returns the area of a failure's id: "archive" of "archive::corrupt".
inline std::string_view area(const Failure& failure) {
  const std::string_view id = entry(failure.reason).id;
  return id.substr(0, id.find("::"));
}

}  // namespace mesh::buildpack::fuzz

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
