#pragma once

#include <mutex>
#include <set>

#include "platform/files.h"

namespace mesh {
inline namespace platform {

// The real file system.
class DiskFiles final : public Files {
 public:
  FileKind kind(const Path&) override;
  bool is_executable(const Path&) override;
  Result<std::string> read(const Path&, std::size_t max_bytes) override;
  Result<std::vector<std::string>> list(const Path& directory) override;
  Result<ChangeTimes> change_times(const Path& directory) override;
  Result<Path> resolve(const Path&) override;
  Result<Path> read_link(const Path&) override;
  Result<void> make_directories(const Path&) override;
  Result<Path> make_temporary_directory(const Path& parent, std::string_view prefix) override;
  Result<void> make_private_directory(const Path&) override;
  bool is_private_directory(const Path&) override;
  Result<std::unique_ptr<OutputFile>> create(const Path&) override;
  Result<std::unique_ptr<InputFile>> open(const Path&) override;
  Result<void> replace(const Path&, std::string_view content) override;
  Result<void> append_line(const Path&, std::string_view line) override;
  Result<void> duplicate(const Path& from, const Path& to) override;
  Result<void> make_link(const Path&, const Path& target) override;
  Result<void> set_mode(const Path&, unsigned mode) override;
  Result<void> rename(const Path& from, const Path& to) override;
  Result<void> remove(const Path&) override;
  std::unique_ptr<DirectoryLock> try_lock(const Path& directory) override;
  void remove_empty_directory(const Path&) override;

 private:
  std::mutex mutex_;
  std::set<Path> swept_;  // paths whose abandoned files were already removed by this process
};

}  // namespace platform
}  // namespace mesh
