#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace mesh {
inline namespace platform {

using Path = std::filesystem::path;

// The type of a path. Links are not followed.
enum class FileKind { missing, file, directory, link, other };

// The times at which a directory and its entries last changed in content or mode (ctime): the earliest and the latest one,
// as Unix times on the file system's clock. Unlike modification times, they cannot be set back.
struct ChangeTimes {
  std::chrono::nanoseconds earliest;
  std::chrono::nanoseconds latest;
};

// A file being written. It is closed, not removed, at the end of its scope.
class OutputFile {
 public:
  virtual ~OutputFile() = default;
  virtual Result<void> append(std::span<const std::byte>) = 0;
  // Empties the file.
  virtual Result<void> restart() = 0;
};

// A file being read, even while it grows. The reader and the writer may be different threads.
class InputFile {
 public:
  virtual ~InputFile() = default;
  // Reads the available bytes from `offset` that fit into the buffer. Returns 0 at the end.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> buffer) = 0;
};

// A lock that is held for its lifetime.
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

// Interface to the file system. Errors: no_space (ENOSPC, EDQUOT), permission_denied (EACCES, EPERM, EROFS), path_conflict
// (EEXIST, ENOTDIR, EISDIR, ENOTEMPTY, ELOOP), out_of_resources (ENOMEM, EMFILE, ENFILE), else io; the detail names the
// path.
class Files {
 public:
  virtual ~Files() = default;

  virtual FileKind kind(const Path&) = 0;

  // Returns whether the path, or the target of a link, is an executable regular file.
  virtual bool is_executable(const Path&) = 0;

  // Reads the whole file. Fails with io if it is larger than `max_bytes` or is not a regular file, because reading a pipe or
  // a device could block.
  virtual Result<std::string> read(const Path&, std::size_t max_bytes) = 0;

  // Returns the sorted names in a directory.
  virtual Result<std::vector<std::string>> list(const Path& directory) = 0;

  // Returns the change times of a directory and its entries. Does not follow links.
  virtual Result<ChangeTimes> change_times(const Path& directory) = 0;

  // Returns the path with every link resolved. The path must exist.
  virtual Result<Path> resolve(const Path&) = 0;

  // Returns the target of a link, unchanged.
  virtual Result<Path> read_link(const Path&) = 0;

  // Creates the directory and its missing parents with mode 0755. Succeeds if it exists.
  virtual Result<void> make_directories(const Path&) = 0;

  // Creates a directory with a unique name `<prefix>XXXXXX` in `parent`, with mode 0700.
  virtual Result<Path> make_temporary_directory(const Path& parent, std::string_view prefix) = 0;

  // Creates a directory that only this user may enter, with mode 0700, unless it exists. Fails with permission_denied if an
  // existing one is not private (is_private_directory).
  virtual Result<void> make_private_directory(const Path&) = 0;

  // Returns whether the path is a directory, not a link to one, that belongs to this user and that only this user may enter.
  virtual bool is_private_directory(const Path&) = 0;

  // Creates a file with mode 0600. Fails if the path exists.
  virtual Result<std::unique_ptr<OutputFile>> create(const Path&) = 0;

  virtual Result<std::unique_ptr<InputFile>> open(const Path&) = 0;

  // Replaces the file atomically, with mode 0644 regardless of the umask: writes a new file with a unique name
  // (`<name>.new.XXXXXX`) beside it, and renames it. Sometimes removes new files that killed processes left.
  virtual Result<void> replace(const Path&, std::string_view content) = 0;

  // Appends a line to a file, also while other processes append lines. It writes the line and its newline at once, so that
  // lines do not mix; at worst, an empty line separates those of two writers. If the last line has no newline, because its
  // writer was killed, a newline comes first. A new or empty file gets mode 0644. Fails for other types than regular files,
  // and for a link at the path or its directory, because other users may be able to write there.
  virtual Result<void> append_line(const Path&, std::string_view line) = 0;

  // Duplicates the regular file `from` at `to`, which must not exist, in the cheapest way: as a clone that shares blocks,
  // else a hard link, else a copy. Keeps the mode. With a hard link, changes in place affect both files. Does not follow
  // links.
  virtual Result<void> duplicate(const Path& from, const Path& to) = 0;

  // Creates a symbolic link to `target`, unchanged. Fails if the path exists.
  virtual Result<void> make_link(const Path&, const Path& target) = 0;

  virtual Result<void> set_mode(const Path&, unsigned mode) = 0;

  // Renames a path. Replaces `to` if it is a file or a link. Both paths must be in one file system.
  virtual Result<void> rename(const Path& from, const Path& to) = 0;

  // Removes a file, a link, or a directory with its content, including read-only directories that belong to this user. Does
  // not follow links. Succeeds if nothing is at the path.
  virtual Result<void> remove(const Path&) = 0;

  // Locks a directory until the end of the lock's lifetime or of the process. Returns null, without waiting, if another
  // process has the lock or the directory is missing.
  virtual std::unique_ptr<DirectoryLock> try_lock(const Path& directory) = 0;

  // Removes the directory if it is empty; otherwise does nothing.
  virtual void remove_empty_directory(const Path&) = 0;
};

// A directory that is removed with its content at the end of its scope.
class TemporaryDirectory {
 public:
  static Result<TemporaryDirectory> make(Files&, const Path& parent, std::string_view prefix);

  ~TemporaryDirectory();
  TemporaryDirectory(TemporaryDirectory&&) noexcept;
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;

  const Path& path() const { return path_; }

 private:
  TemporaryDirectory(Files& files, Path path) : files_(&files), path_(std::move(path)) {}

  Files* files_;
  Path path_;
};

}  // namespace platform
}  // namespace mesh
