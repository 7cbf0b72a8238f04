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

// What stands at a path, links not followed.
enum class FileKind { missing, file, directory, link, other };

// The times at which a directory and its entries last changed in content or mode (ctime): the earliest and the latest one,
// as Unix times on the file system's clock. Unlike modification times, they cannot be set back.
struct ChangeTimes {
  std::chrono::nanoseconds earliest;
  std::chrono::nanoseconds latest;
};

// A file being written. Closed, not removed, when it goes out of scope.
class OutputFile {
 public:
  virtual ~OutputFile() = default;
  virtual Result<void> append(std::span<const std::byte>) = 0;
  // Back to an empty file.
  virtual Result<void> restart() = 0;
};

// A file being read, also while it grows. May be used by another thread than the one that writes.
class InputFile {
 public:
  virtual ~InputFile() = default;
  // Bytes from `offset` on, as many as fit and are there; 0 at the end.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> buffer) = 0;
};

// Held as long as it lives.
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

  // Whether a regular file stands there, or at the end of a link, that may be run.
  virtual bool is_executable(const Path&) = 0;

  // The whole file; io when it is larger than `max_bytes`. Only regular files are read: a pipe or a device
  // would make the build wait.
  virtual Result<std::string> read(const Path&, std::size_t max_bytes) = 0;

  // The names in a directory, sorted.
  virtual Result<std::vector<std::string>> list(const Path& directory) = 0;

  // Returns the change times of a directory and its entries. Does not follow links.
  virtual Result<ChangeTimes> change_times(const Path& directory) = 0;

  // The path with every link resolved. The path must exist.
  virtual Result<Path> resolve(const Path&) = 0;

  // Where a link points, as it is written there.
  virtual Result<Path> read_link(const Path&) = 0;

  // The directory and its missing parents, mode 0755.
  virtual Result<void> make_directories(const Path&) = 0;

  // A new directory of a unique name `<prefix>XXXXXX` in `parent`, mode 0700.
  virtual Result<Path> make_temporary_directory(const Path& parent, std::string_view prefix) = 0;

  // Makes a directory that only this user may enter, mode 0700, unless it exists. Fails with permission_denied if an
  // existing one is not private (is_private_directory).
  virtual Result<void> make_private_directory(const Path&) = 0;

  // Returns whether the path is a directory, not a link to one, that belongs to this user and that only this user may enter.
  virtual bool is_private_directory(const Path&) = 0;

  // A new file, mode 0600, which must not exist yet.
  virtual Result<std::unique_ptr<OutputFile>> create(const Path&) = 0;

  virtual Result<std::unique_ptr<InputFile>> open(const Path&) = 0;

  // Writes the file whole or not at all, mode 0644 whatever the umask: a new file beside it, of a name that nobody else has
  // (`<name>.new.XXXXXX`), takes its place. What processes that were killed left of such files is removed now and then.
  virtual Result<void> replace(const Path&, std::string_view content) = 0;

  // Adds a line to a file that others may add to at the same time: the line and its end are one write, so that lines do not
  // mix; at worst, an empty one comes between those of two writers. Where the file's last line has no end, because its
  // writer was killed, that end comes first. A file that is new or empty gets mode 0644. Only regular files are written to,
  // and no link is followed, neither at the path nor at its directory: the place may be one where anybody can put something.
  virtual Result<void> append_line(const Path&, std::string_view line) = 0;

  // Makes `to`, where nothing is yet, hold the bytes of the regular file `from`, with as few copies as can be: a clone where
  // the file system can share blocks, else a hard link, else a copy. Mode and, with a hard link, later changes in place are
  // the original's too. Links are not followed.
  virtual Result<void> duplicate(const Path& from, const Path& to) = 0;

  // A new symbolic link, at a path where nothing is yet, that holds `target` as it is given.
  virtual Result<void> make_link(const Path&, const Path& target) = 0;

  virtual Result<void> set_mode(const Path&, unsigned mode) = 0;

  // `to` is replaced when it is a file or a link. Both lie in one file system.
  virtual Result<void> rename(const Path& from, const Path& to) = 0;

  // Removes a file, a link, or a directory with its content, including read-only directories that belong to this user. Does
  // not follow links. Succeeds if nothing is at the path.
  virtual Result<void> remove(const Path&) = 0;

  // Keeps everybody else who asks for the same out of a directory, until the lock goes out of scope or the process ends.
  // Nothing while somebody has it, and where there is no such directory: nobody waits.
  virtual std::unique_ptr<DirectoryLock> try_lock(const Path& directory) = 0;

  // The directory, if it is empty; otherwise nothing happens.
  virtual void remove_empty_directory(const Path&) = 0;
};

// A directory for the time of its scope: removed with all that is in it, whatever way the scope is left.
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
