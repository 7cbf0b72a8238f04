#pragma once

#include <sys/types.h>

#include <cstddef>
#include <utility>

#include "platform/files.h"

namespace mesh {
inline namespace platform {

// Owns a file descriptor, or a negative number for none. Closes it at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void close();

 private:
  int number_;
};

// Returns the error for an `errno` of an operation on this path, by the rules of Files.
Error disk_failure(const Path&, int error);

// Opens a file with open(2). The descriptor is closed on exec.
Result<Descriptor> open_file(const Path&, int flags, mode_t mode = 0600);

// Opens a regular file for reading, without blocking. Fails for other types.
Result<Descriptor> open_regular_file(const Path&, int flags = 0);

// Writes all bytes. Errors name `path`.
Result<void> write_all(int descriptor, const Path& path, const char* data, std::size_t size);

}  // namespace platform
}  // namespace mesh
