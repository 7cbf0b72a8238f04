#include "platform/replacement.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "platform/descriptor.h"

namespace mesh {
inline namespace platform {
namespace {

constexpr std::string_view kInfix = ".new.";
constexpr std::string_view kRandomPart = "XXXXXX";

// Returns whether the new file is abandoned. Its process keeps it locked, and the lock ends with the process. Returns false
// if another process has the lock, and on a file system without locks.
bool is_lockable(int descriptor) { return ::flock(descriptor, LOCK_EX | LOCK_NB) == 0; }

struct NewFile {
  Path path;
  Descriptor descriptor;
};

// Returns false if another process treated the file as abandoned before it was locked, and removed it or is about to.
bool is_ours(int descriptor) {
  if (!is_lockable(descriptor) && errno == EWOULDBLOCK) return false;
  struct stat status {};
  return ::fstat(descriptor, &status) != 0 || status.st_nlink > 0;
}

Result<NewFile> make_new_file(const Path& path) {
  // More than one attempt is rare. The limit ends the loop on a broken file system.
  constexpr int kAttempts = 10;
  for (int attempt = 1;; ++attempt) {
    std::string name = path.native() + std::string(kInfix) + std::string(kRandomPart);
    Descriptor descriptor(::mkostemp(name.data(), O_CLOEXEC));
    if (descriptor.number() < 0) return disk_failure(path, errno);
    if (is_ours(descriptor.number()) || attempt == kAttempts) return NewFile{name, std::move(descriptor)};
  }
}

Result<void> fill(const NewFile& file, const Path& path, std::string_view content) {
  TRY(write_all(file.descriptor.number(), path, content.data(), content.size()));
  if (::fchmod(file.descriptor.number(), 0644) != 0 || ::rename(file.path.c_str(), path.c_str()) != 0) {
    return disk_failure(path, errno);
  }
  return {};
}

}  // namespace

Result<void> replace_file(const Path& path, std::string_view content) {
  TRY_ASSIGN(const NewFile file, make_new_file(path));
  auto filled = fill(file, path, content);
  if (!filled) ::unlink(file.path.c_str());
  return filled;
}

void remove_abandoned(const Path& path) {
  const std::string beginning = path.filename().native() + std::string(kInfix);
  std::error_code error;
  auto entries = std::filesystem::directory_iterator(path.parent_path(), error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().native();
    if (!name.starts_with(beginning) || name.size() != beginning.size() + kRandomPart.size()) continue;
    const auto descriptor = open_regular_file(entries->path(), O_NOFOLLOW);
    if (descriptor && is_lockable(descriptor->number())) ::unlink(entries->path().c_str());
  }
}

}  // namespace platform
}  // namespace mesh
