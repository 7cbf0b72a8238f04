#include "platform/disk_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "platform/descriptor.h"
#include "platform/replacement.h"

namespace mesh {
inline namespace platform {
namespace {

class DiskOutput final : public OutputFile {
 public:
  DiskOutput(Descriptor descriptor, Path path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Result<void> append(std::span<const std::byte> bytes) override {
    return write_all(descriptor_.number(), path_, reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }

  Result<void> restart() override {
    if (::ftruncate(descriptor_.number(), 0) != 0 || ::lseek(descriptor_.number(), 0, SEEK_SET) != 0) {
      return disk_failure(path_, errno);
    }
    return {};
  }

 private:
  Descriptor descriptor_;
  Path path_;
};

class DiskInput final : public InputFile {
 public:
  DiskInput(Descriptor descriptor, Path path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> buffer) override {
    while (true) {
      const ssize_t count = ::pread(descriptor_.number(), buffer.data(), buffer.size(), static_cast<off_t>(offset));
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return disk_failure(path_, errno);
    }
  }

 private:
  Descriptor descriptor_;
  Path path_;
};

class DiskLock final : public DirectoryLock {
 public:
  explicit DiskLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  Descriptor descriptor_;
};

// Opens a file for appending and reading, and creates it if it is missing. Follows no link.
Result<Descriptor> open_for_lines(const Path& path) {
  const Path parent = path.has_parent_path() ? path.parent_path() : ".";
  TRY_ASSIGN(const Descriptor directory, open_file(parent, O_PATH | O_DIRECTORY | O_NOFOLLOW));
  constexpr int kFlags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  Descriptor descriptor(::openat(directory.number(), path.filename().c_str(), kFlags, 0644));
  if (descriptor.number() < 0) return disk_failure(path, errno);
  return descriptor;
}

// Returns whether the file is empty or ends with a newline.
bool ends_in_a_line(int descriptor, off_t size) {
  char last = '\n';
  return size == 0 || ::pread(descriptor, &last, 1, size - 1) != 1 || last == '\n';
}

// Writes the text with one write, or fails: another process could write before a second one.
Result<void> write_at_once(int descriptor, const Path& path, std::string_view text) {
  ssize_t written = -1;
  do written = ::write(descriptor, text.data(), text.size());
  while (written < 0 && errno == EINTR);
  if (written < 0) return disk_failure(path, errno);
  if (static_cast<std::size_t>(written) < text.size()) return disk_failure(path, ENOSPC);
  return {};
}

std::chrono::nanoseconds changed(const struct stat& status) {
  return std::chrono::seconds(status.st_ctim.tv_sec) + std::chrono::nanoseconds(status.st_ctim.tv_nsec);
}

// Copies the bytes of `from`, in the kernel if possible.
Result<void> copy_bytes(int from, int to, const Path& to_path) {
  constexpr std::size_t kMaxCopy = 1 << 30;
  ssize_t count = 0;
  while ((count = ::copy_file_range(from, nullptr, to, nullptr, kMaxCopy, 0)) != 0) {
    if (count < 0 && errno != EINTR) break;
  }
  if (count == 0) return {};
  if (errno == ENOSPC || errno == EDQUOT) return disk_failure(to_path, errno);
  // The kernel cannot copy between these file systems, so this copies the rest.
  std::array<char, 64 * 1024> buffer;
  while ((count = ::read(from, buffer.data(), buffer.size())) != 0) {
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return disk_failure(to_path, errno);
    TRY(write_all(to, to_path, buffer.data(), static_cast<std::size_t>(count)));
  }
  return {};
}

// Makes the directories at and below the path writable if they belong to this user. Does not follow links.
void make_writable(const Path& path) {
  const auto add_permissions = [](const Path& directory) {
    std::error_code error;
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, std::filesystem::perm_options::add, error);
  };
  std::error_code error;
  if (!std::filesystem::is_directory(std::filesystem::symlink_status(path, error))) return;
  add_permissions(path);
  auto entries = std::filesystem::recursive_directory_iterator(path, error);
  for (; !error && entries != std::filesystem::recursive_directory_iterator(); entries.increment(error)) {
    std::error_code ignored;
    if (std::filesystem::is_directory(entries->symlink_status(ignored))) add_permissions(entries->path());
  }
}

}  // namespace

FileKind DiskFiles::kind(const Path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return FileKind::missing;
  switch (status.st_mode & S_IFMT) {
    case S_IFREG: return FileKind::file;
    case S_IFDIR: return FileKind::directory;
    case S_IFLNK: return FileKind::link;
    default: return FileKind::other;
  }
}

bool DiskFiles::is_executable(const Path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

Result<std::string> DiskFiles::read(const Path& path, std::size_t max_bytes) {
  TRY_ASSIGN(const Descriptor descriptor, open_regular_file(path));
  std::string content(std::min<std::size_t>(max_bytes + 1, 4096), '\0');
  std::size_t size = 0;
  while (true) {
    const ssize_t count = ::read(descriptor.number(), content.data() + size, content.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return disk_failure(path, errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
    if (size > max_bytes) {
      return Error{ErrorKind::io, fmt::format("{}: larger than {} bytes", path.native(), max_bytes)};
    }
    if (size == content.size()) content.resize(std::min(max_bytes + 1, 4 * size));
  }
  content.resize(size);
  return content;
}

Result<std::vector<std::string>> DiskFiles::list(const Path& directory) {
  std::error_code error;
  std::vector<std::string> names;
  auto entries = std::filesystem::directory_iterator(directory, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    names.push_back(entries->path().filename().native());
  }
  if (error) return disk_failure(directory, error.value());
  std::ranges::sort(names);
  return names;
}

Result<ChangeTimes> DiskFiles::change_times(const Path& directory) {
  TRY_ASSIGN(const auto names, list(directory));
  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0) return disk_failure(directory, errno);
  ChangeTimes times{changed(status), changed(status)};
  for (const std::string& name : names) {
    if (::lstat((directory / name).c_str(), &status) != 0) continue;
    times.earliest = std::min(times.earliest, changed(status));
    times.latest = std::max(times.latest, changed(status));
  }
  return times;
}

Result<Path> DiskFiles::resolve(const Path& path) {
  std::error_code error;
  Path resolved = std::filesystem::canonical(path, error);
  if (error) return disk_failure(path, error.value());
  return resolved;
}

Result<Path> DiskFiles::read_link(const Path& path) {
  std::error_code error;
  Path target = std::filesystem::read_symlink(path, error);
  if (error) return disk_failure(path, error.value());
  return target;
}

Result<void> DiskFiles::make_directories(const Path& path) {
  Path so_far;
  for (const Path& part : path) {
    so_far /= part;
    if (::mkdir(so_far.c_str(), 0755) == 0) {
      ::chmod(so_far.c_str(), 0755);  // overrides the umask, because the app runs as another user
      continue;
    }
    const int error = errno;
    struct stat status {};
    if (::stat(so_far.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) continue;
    return disk_failure(so_far, error);
  }
  return {};
}

Result<Path> DiskFiles::make_temporary_directory(const Path& parent, std::string_view prefix) {
  std::string name = (parent / prefix).native() + "XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) return disk_failure(parent, errno);
  return Path(name);
}

Result<void> DiskFiles::make_private_directory(const Path& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  if (const int error = errno; error != EEXIST) return disk_failure(path, error);
  if (!is_private_directory(path)) return disk_failure(path, EPERM);
  return {};
}

bool DiskFiles::is_private_directory(const Path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == ::geteuid() &&
         (status.st_mode & 0777) == 0700;
}

Result<std::unique_ptr<OutputFile>> DiskFiles::create(const Path& path) {
  TRY_ASSIGN(Descriptor descriptor, open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW));
  return std::unique_ptr<OutputFile>(std::make_unique<DiskOutput>(std::move(descriptor), path));
}

Result<std::unique_ptr<InputFile>> DiskFiles::open(const Path& path) {
  TRY_ASSIGN(Descriptor descriptor, open_regular_file(path));
  return std::unique_ptr<InputFile>(std::make_unique<DiskInput>(std::move(descriptor), path));
}

Result<void> DiskFiles::replace(const Path& path, std::string_view content) {
  const bool is_first = [&] {
    const std::lock_guard guard(mutex_);
    return swept_.insert(path).second;
  }();
  if (is_first) remove_abandoned(path);
  return replace_file(path, content);
}

Result<void> DiskFiles::append_line(const Path& path, std::string_view line) {
  TRY_ASSIGN(const Descriptor file, open_for_lines(path));
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) return disk_failure(path, errno);
  if (!S_ISREG(status.st_mode)) return Error{ErrorKind::io, path.native() + ": not a regular file"};
  if (status.st_size == 0) ::fchmod(file.number(), 0644);  // overrides the umask, because other users read the file
  std::string text = ends_in_a_line(file.number(), status.st_size) ? "" : "\n";
  text.append(line).append("\n");
  return write_at_once(file.number(), path, text);
}

Result<void> DiskFiles::duplicate(const Path& from, const Path& to) {
  TRY_ASSIGN(const Descriptor original, open_regular_file(from, O_NOFOLLOW));
  struct stat status {};
  if (::fstat(original.number(), &status) != 0) return disk_failure(from, errno);
  {
    TRY_ASSIGN(const Descriptor clone, open_file(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW));
    if (::ioctl(clone.number(), FICLONE, original.number()) == 0) {
      if (::fchmod(clone.number(), status.st_mode & 07777) == 0) return {};
    }
  }
  ::unlink(to.c_str());
  if (::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), 0) == 0) return {};
  TRY_ASSIGN(const Descriptor copy, open_file(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW));
  auto copied = copy_bytes(original.number(), copy.number(), to);
  if (copied && ::fchmod(copy.number(), status.st_mode & 07777) != 0) copied = disk_failure(to, errno);
  if (!copied) ::unlink(to.c_str());
  return copied;
}

Result<void> DiskFiles::make_link(const Path& path, const Path& target) {
  if (::symlink(target.c_str(), path.c_str()) != 0) return disk_failure(path, errno);
  return {};
}

Result<void> DiskFiles::set_mode(const Path& path, unsigned mode) {
  if (::chmod(path.c_str(), mode) != 0) return disk_failure(path, errno);
  return {};
}

Result<void> DiskFiles::rename(const Path& from, const Path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return disk_failure(to, errno);
  return {};
}

Result<void> DiskFiles::remove(const Path& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error == std::errc::permission_denied) {
    make_writable(path);
    std::filesystem::remove_all(path, error);
  }
  if (error && error != std::errc::not_a_directory)
    return disk_failure(path, error.value());  // a path below a file does not exist
  return {};
}

std::unique_ptr<DirectoryLock> DiskFiles::try_lock(const Path& directory) {
  auto descriptor = open_file(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  // A file system without locks grants every lock.
  if (!descriptor || (::flock(descriptor->number(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)) return nullptr;
  return std::make_unique<DiskLock>(*std::move(descriptor));
}

void DiskFiles::remove_empty_directory(const Path& path) { ::rmdir(path.c_str()); }

}  // namespace platform
}  // namespace mesh
