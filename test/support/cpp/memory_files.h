#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platform/files.h"

namespace mesh {

// A file system in memory that keeps count of what is done to it, and fails on demand. Paths are absolute; the root exists.
// May be used by several threads at a time.
class MemoryFiles final : public Files {
 public:
  MemoryFiles();
  ~MemoryFiles() override;

  // For tests: what is there before. Parents are made.
  void put_file(const Path&, std::string content);
  void put_directory(const Path&);
  void put_link(const Path&, const Path& target);
  void put_pipe(const Path&);

  // For tests: what is there afterwards.
  std::string content(const Path&);  // of a file; anything else is a test's mistake
  unsigned mode(const Path&);
  std::vector<std::string> paths();  // of all files and links, sorted

  // The next calls of an operation ("read", "replace", "append" ...) whose path ends in `suffix` fail, `times` of them.
  void fail(std::string_view operation, std::string_view suffix, ErrorKind, int times = 1);
  // The call of this number, counted from 0 over all operations that can fail, fails.
  void fail_call(int number, ErrorKind);
  // How many such calls there were.
  int calls();
  // The call that failed by number: "rename /app/x"; empty when it never came.
  std::string failed_call();
  // All calls of an operation so far: their paths.
  std::vector<std::string> paths_of(std::string_view operation);

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
  struct Node;
  struct Call;
  struct Demand;
  class Output;
  class Input;
  class Lock;
  enum class LastLink { follow, keep };

  // Each of these needs the lock.
  Result<void> called(std::string_view operation, const Path&);
  Result<Path> locate(const Path&, LastLink);
  Result<Node*> existing(const Path&, LastLink);
  Result<Node*> regular_file(const Path&);
  bool has_children(const std::string& path) const;
  Node* node(const std::string& path);
  void erase_tree(const std::string& path);

  std::mutex mutex_;
  std::set<std::string> locked_;
  std::map<std::string, Node> nodes_;  // by their real path
  std::vector<Call> calls_;
  std::vector<Demand> demands_;
  std::optional<std::pair<int, ErrorKind>> numbered_demand_;
  std::string failed_call_;
  int temporary_directories_ = 0;
};

}  // namespace mesh
