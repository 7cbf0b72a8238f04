#pragma once

#include <sys/types.h>

#include <cstddef>
#include <utility>

#include "platform/files.h"

namespace mesh {
inline namespace platform {

// Owns the number of an open file, a pipe's end or a process, less than 0 for none; closes it at the end of its scope.
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

// What `errno` means for this path, by the rules of Files.
Error disk_failure(const Path&, int error);

// open(2), closed in programs that are started.
Result<Descriptor> open_file(const Path&, int flags, mode_t mode = 0600);

// For reading, and without waiting for anything; only a regular file.
Result<Descriptor> open_regular_file(const Path&, int flags = 0);

// All bytes; `path` is what failures name.
Result<void> write_all(int descriptor, const Path& path, const char* data, std::size_t size);

}  // namespace platform
}  // namespace mesh
