#include "support/cpp/memory_files.h"

#include <algorithm>
#include <atomic>
#include <stdexcept>

namespace mesh {

namespace {

// Returns a later time for every new node.
std::chrono::nanoseconds next_change() {
  static std::atomic<std::int64_t> last = 0;
  return std::chrono::nanoseconds(++last);
}

}  // namespace

struct MemoryFiles::Node {
  FileKind kind = FileKind::missing;
  unsigned mode = 0;
  std::shared_ptr<std::string> content = {};  // shared with those who have the file open
  Path target = {};                           // of a link
  std::chrono::nanoseconds changed = next_change();
};

struct MemoryFiles::Call {
  std::string operation;
  std::string path;
};

struct MemoryFiles::Demand {
  std::string operation;
  std::string suffix;
  ErrorKind reason;
  int times;
};

namespace {

constexpr int kMaxLinks = 40;

Error conflict(const Path& path, std::string_view what) {
  return {ErrorKind::path_conflict, path.native() + ": " + std::string(what)};
}

Error missing(const Path& path) { return {ErrorKind::io, path.native() + ": not there"}; }

std::string key(const Path& path) {
  std::string text = path.lexically_normal().native();
  if (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

std::string below(const std::string& directory) { return directory == "/" ? directory : directory + "/"; }

}  // namespace

class MemoryFiles::Output final : public OutputFile {
 public:
  Output(MemoryFiles& files, Path path, std::shared_ptr<std::string> content)
      : files_(files), path_(std::move(path)), content_(std::move(content)) {}

  Result<void> append(std::span<const std::byte> bytes) override {
    const std::lock_guard lock(files_.mutex_);
    TRY(files_.called("append", path_));
    content_->append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }

  Result<void> restart() override {
    const std::lock_guard lock(files_.mutex_);
    TRY(files_.called("restart", path_));
    content_->clear();
    return {};
  }

 private:
  MemoryFiles& files_;
  Path path_;
  std::shared_ptr<std::string> content_;
};

class MemoryFiles::Input final : public InputFile {
 public:
  Input(MemoryFiles& files, Path path, std::shared_ptr<std::string> content)
      : files_(files), path_(std::move(path)), content_(std::move(content)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> buffer) override {
    const std::lock_guard lock(files_.mutex_);
    TRY(files_.called("read_at", path_));
    if (offset >= content_->size()) return std::size_t{0};
    const std::size_t count = std::min<std::size_t>(buffer.size(), content_->size() - offset);
    std::ranges::copy(std::as_bytes(std::span(*content_)).subspan(offset, count), buffer.begin());
    return count;
  }

 private:
  MemoryFiles& files_;
  Path path_;
  std::shared_ptr<std::string> content_;
};

MemoryFiles::MemoryFiles() { nodes_["/"] = {FileKind::directory, 0755}; }
MemoryFiles::~MemoryFiles() = default;

void MemoryFiles::put_file(const Path& path, std::string content) {
  put_directory(path.parent_path());
  nodes_[key(path)] = {FileKind::file, 0644, std::make_shared<std::string>(std::move(content))};
}

void MemoryFiles::put_directory(const Path& path) {
  if (key(path) == "/") return;
  put_directory(path.parent_path());
  nodes_.try_emplace(key(path), Node{FileKind::directory, 0755});
}

void MemoryFiles::put_link(const Path& path, const Path& target) {
  put_directory(path.parent_path());
  nodes_[key(path)] = {FileKind::link, 0777, {}, target};
}

void MemoryFiles::put_pipe(const Path& path) {
  put_directory(path.parent_path());
  nodes_[key(path)] = {FileKind::other, 0644};
}

std::string MemoryFiles::content(const Path& path) {
  const std::lock_guard lock(mutex_);
  const Node* found = node(key(path));
  if (found == nullptr || !found->content) throw std::logic_error("no file " + path.native());
  return *found->content;
}

unsigned MemoryFiles::mode(const Path& path) {
  const std::lock_guard lock(mutex_);
  return nodes_.at(key(path)).mode;
}

std::vector<std::string> MemoryFiles::paths() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> paths;
  for (const auto& [path, node] : nodes_) {
    if (node.kind != FileKind::directory) paths.push_back(path);
  }
  return paths;
}

void MemoryFiles::fail(std::string_view operation, std::string_view suffix, ErrorKind reason, int times) {
  demands_.push_back({std::string(operation), std::string(suffix), reason, times});
}

void MemoryFiles::fail_call(int number, ErrorKind reason) { numbered_demand_ = {number, reason}; }

int MemoryFiles::calls() {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(calls_.size());
}

std::string MemoryFiles::failed_call() {
  const std::lock_guard lock(mutex_);
  return failed_call_;
}

std::vector<std::string> MemoryFiles::paths_of(std::string_view operation) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> paths;
  for (const Call& call : calls_) {
    if (call.operation == operation) paths.push_back(call.path);
  }
  return paths;
}

Result<void> MemoryFiles::called(std::string_view operation, const Path& path) {
  const int number = static_cast<int>(calls_.size());
  calls_.push_back({std::string(operation), path.native()});
  if (numbered_demand_ && numbered_demand_->first == number) {
    failed_call_ = calls_.back().operation + " " + path.native();
    return Error{numbered_demand_->second, failed_call_};
  }
  for (Demand& demand : demands_) {
    if (demand.operation != operation || demand.times == 0 || !path.native().ends_with(demand.suffix)) continue;
    --demand.times;
    return Error{demand.reason, path.native()};
  }
  return {};
}

MemoryFiles::Node* MemoryFiles::node(const std::string& path) {
  const auto found = nodes_.find(path);
  return found == nodes_.end() ? nullptr : &found->second;
}

// The real path, whether or not something stands there; all before its last part must be directories.
Result<Path> MemoryFiles::locate(const Path& path, LastLink last_link) {
  Path rest = path.lexically_normal();
  if (rest.filename().empty() && rest != "/") rest = rest.parent_path();
  Path real = "/";
  for (int links = 0; links < kMaxLinks;) {
    if (rest.empty() || rest == "/") return real;
    if (rest.is_absolute()) {
      real = "/";
      rest = rest.relative_path();
    }
    const Path part = *rest.begin();
    rest = rest.lexically_relative(part);
    const bool is_last = rest == "." || rest.empty();
    if (is_last) rest.clear();
    const Path next = (real / part).lexically_normal();
    const Node* found = node(key(next));
    if (found != nullptr && found->kind == FileKind::link && (!is_last || last_link == LastLink::follow)) {
      ++links;
      rest = rest.empty() ? found->target : found->target / rest;
      continue;
    }
    real = key(next);
    if (is_last) return real;
    if (found == nullptr) return missing(path);
    if (found->kind != FileKind::directory) return conflict(path, "not a directory");
  }
  return conflict(path, "too many links");
}

Result<MemoryFiles::Node*> MemoryFiles::existing(const Path& path, LastLink last_link) {
  TRY_ASSIGN(const Path real, locate(path, last_link));
  Node* found = node(key(real));
  if (found == nullptr) return missing(path);
  return found;
}

Result<MemoryFiles::Node*> MemoryFiles::regular_file(const Path& path) {
  TRY_ASSIGN(Node * found, existing(path, LastLink::follow));
  if (found->kind == FileKind::directory) return conflict(path, "a directory");
  if (found->kind != FileKind::file) return Error{ErrorKind::io, path.native() + ": not a regular file"};
  return found;
}

bool MemoryFiles::has_children(const std::string& path) const {
  const auto next = nodes_.upper_bound(below(path));
  return next != nodes_.end() && next->first.starts_with(below(path));
}

void MemoryFiles::erase_tree(const std::string& path) {
  std::erase_if(nodes_, [&](const auto& entry) { return entry.first == path || entry.first.starts_with(below(path)); });
}

FileKind MemoryFiles::kind(const Path& path) {
  const std::lock_guard lock(mutex_);
  const auto found = existing(path, LastLink::keep);
  return found ? (*found)->kind : FileKind::missing;
}

bool MemoryFiles::is_executable(const Path& path) {
  const std::lock_guard lock(mutex_);
  const auto found = existing(path, LastLink::follow);
  return found && (*found)->kind == FileKind::file && ((*found)->mode & 0111) != 0;
}

Result<std::string> MemoryFiles::read(const Path& path, std::size_t max_bytes) {
  const std::lock_guard lock(mutex_);
  TRY(called("read", path));
  TRY_ASSIGN(const Node* file, regular_file(path));
  if (file->content->size() > max_bytes) return Error{ErrorKind::io, path.native() + ": too large"};
  return *file->content;
}

Result<std::vector<std::string>> MemoryFiles::list(const Path& directory) {
  const std::lock_guard lock(mutex_);
  TRY(called("list", directory));
  TRY_ASSIGN(const Path real, locate(directory, LastLink::follow));
  const Node* found = node(key(real));
  if (found == nullptr) return missing(directory);
  if (found->kind != FileKind::directory) return conflict(directory, "not a directory");
  std::vector<std::string> names;
  for (const auto& [path, child] : nodes_) {
    if (path != "/" && Path(path).parent_path() == real) names.push_back(Path(path).filename());
  }
  std::ranges::sort(names);
  return names;
}

// Ignores the directory's own time if it has entries: here, a directory changes only with them.
Result<ChangeTimes> MemoryFiles::change_times(const Path& directory) {
  const std::lock_guard lock(mutex_);
  TRY_ASSIGN(const Path real, locate(directory, LastLink::follow));
  const Node* found = node(key(real));
  if (found == nullptr) return missing(directory);
  if (found->kind != FileKind::directory) return conflict(directory, "not a directory");
  std::vector<std::chrono::nanoseconds> changes;
  for (const auto& [path, child] : nodes_) {
    if (path != "/" && Path(path).parent_path() == real) changes.push_back(child.changed);
  }
  if (changes.empty()) return ChangeTimes{found->changed, found->changed};
  return ChangeTimes{std::ranges::min(changes), std::ranges::max(changes)};
}

Result<Path> MemoryFiles::resolve(const Path& path) {
  const std::lock_guard lock(mutex_);
  TRY(called("resolve", path));
  TRY_ASSIGN(Path real, locate(path, LastLink::follow));
  if (node(key(real)) == nullptr) return missing(path);
  return real;
}

Result<Path> MemoryFiles::read_link(const Path& path) {
  const std::lock_guard lock(mutex_);
  TRY(called("read_link", path));
  TRY_ASSIGN(const Node* found, existing(path, LastLink::keep));
  if (found->kind != FileKind::link) return Error{ErrorKind::io, path.native() + ": not a link"};
  return found->target;
}

Result<void> MemoryFiles::make_directories(const Path& path) {
  const std::lock_guard lock(mutex_);
  TRY(called("make_directories", path));
  Path so_far;
  for (const Path& part : path.lexically_normal()) {
    so_far /= part;
    TRY_ASSIGN(const Path real, locate(so_far, LastLink::follow));
    const Node* found = node(key(real));
    if (found != nullptr && found->kind != FileKind::directory) return conflict(so_far, "not a directory");
    if (found != nullptr) continue;
    if (existing(so_far, LastLink::keep)) return conflict(so_far, "a link that leads nowhere");
    nodes_[key(real)] = {FileKind::directory, 0755};
  }
  return {};
}

Result<Path> MemoryFiles::make_temporary_directory(const Path& parent, std::string_view prefix) {
  const std::lock_guard lock(mutex_);
  TRY(called("make_temporary_directory", parent));
  TRY_ASSIGN(const Node* directory, existing(parent, LastLink::follow));
  if (directory->kind != FileKind::directory) return conflict(parent, "not a directory");
  const std::string number = std::to_string(++temporary_directories_);
  Path path = parent / (std::string(prefix) + std::string(6 - number.size(), 'x') + number);
  TRY_ASSIGN(const Path real, locate(path, LastLink::keep));
  nodes_[key(real)] = {FileKind::directory, 0700};
  return path;
}

Result<void> MemoryFiles::make_private_directory(const Path& path) {
  const std::lock_guard lock(mutex_);
  TRY(called("make_private_directory", path));
  TRY_ASSIGN(const Path real, locate(path, LastLink::keep));
  const Node* found = node(key(real));
  if (found == nullptr) nodes_[key(real)] = {FileKind::directory, 0700};
  if (found == nullptr || (found->kind == FileKind::directory && found->mode == 0700)) return {};
  return Error{ErrorKind::permission_denied, path.native() + ": not private"};
}

bool MemoryFiles::is_private_directory(const Path& path) {
  const std::lock_guard lock(mutex_);
  const auto found = existing(path, LastLink::keep);
  return found && (*found)->kind == FileKind::directory && (*found)->mode == 0700;
}

Result<std::unique_ptr<OutputFile>> MemoryFiles::create(const Path& path) {
  const std::lock_guard lock(mutex_);
  TRY(called("create", path));
  TRY_ASSIGN(const Path real, locate(path, LastLink::keep));
  if (node(key(real)) != nullptr) return conflict(path, "exists");
  auto content = std::make_shared<std::string>();
  nodes_[key(real)] = {FileKind::file, 0600, content};
  return std::unique_ptr<OutputFile>(std::make_unique<Output>(*this, path, std::move(content)));
}

Result<std::unique_ptr<InputFile>> MemoryFiles::open(const Path& path) {
  const std::lock_guard lock(mutex_);
  TRY(called("open", path));
  TRY_ASSIGN(const Node* file, regular_file(path));
  return std::unique_ptr<InputFile>(std::make_unique<Input>(*this, path, file->content));
}

Result<void> MemoryFiles::replace(const Path& path, std::string_view content) {
  const std::lock_guard lock(mutex_);
  TRY(called("replace", path));
  TRY_ASSIGN(const Path real, locate(path, LastLink::keep));
  const Node* there = node(key(real));
  if (there != nullptr && there->kind == FileKind::directory) return conflict(path, "a directory");
  nodes_[key(real)] = {FileKind::file, 0644, std::make_shared<std::string>(content)};
  return {};
}

Result<void> MemoryFiles::append_line(const Path& path, std::string_view line) {
  const std::lock_guard lock(mutex_);
  TRY(called("append_line", path));
  TRY_ASSIGN(const Node* directory, existing(path.parent_path(), LastLink::keep));
  if (directory->kind != FileKind::directory) return conflict(path, "not in a directory");
  TRY_ASSIGN(const Path real, locate(path, LastLink::keep));
  const Node* there = node(key(real));
  if (there == nullptr) nodes_[key(real)] = {FileKind::file, 0644, std::make_shared<std::string>()};
  if (there != nullptr && there->kind == FileKind::other) {
    return Error{ErrorKind::io, path.native() + ": not a regular file"};
  }
  if (there != nullptr && there->kind != FileKind::file) return conflict(path, "no file");
  std::string& content = *node(key(real))->content;
  if (!content.empty() && content.back() != '\n') content += '\n';
  content.append(line).append("\n");
  return {};
}

Result<void> MemoryFiles::duplicate(const Path& from, const Path& to) {
  const std::lock_guard lock(mutex_);
  TRY(called("duplicate", to));
  TRY_ASSIGN(const Node* original, existing(from, LastLink::keep));
  if (original->kind == FileKind::directory || original->kind == FileKind::link) return conflict(from, "no file");
  if (original->kind != FileKind::file) return Error{ErrorKind::io, from.native() + ": not a regular file"};
  TRY_ASSIGN(const Path real, locate(to, LastLink::keep));
  if (node(key(real)) != nullptr) return conflict(to, "exists");
  nodes_[key(real)] = {FileKind::file, original->mode, std::make_shared<std::string>(*original->content)};
  return {};
}

Result<void> MemoryFiles::make_link(const Path& path, const Path& target) {
  const std::lock_guard lock(mutex_);
  TRY(called("make_link", path));
  TRY_ASSIGN(const Path real, locate(path, LastLink::keep));
  if (node(key(real)) != nullptr) return conflict(path, "exists");
  nodes_[key(real)] = {.kind = FileKind::link, .target = target};
  return {};
}

Result<void> MemoryFiles::set_mode(const Path& path, unsigned mode) {
  const std::lock_guard lock(mutex_);
  TRY(called("set_mode", path));
  TRY_ASSIGN(Node * found, existing(path, LastLink::follow));
  found->mode = mode;
  return {};
}

Result<void> MemoryFiles::rename(const Path& from, const Path& to) {
  const std::lock_guard lock(mutex_);
  TRY(called("rename", to));
  TRY_ASSIGN(const Path real_from, locate(from, LastLink::keep));
  TRY_ASSIGN(const Path real_to, locate(to, LastLink::keep));
  const Node* source = node(key(real_from));
  const Node* target = node(key(real_to));
  if (source == nullptr) return missing(from);
  if (target != nullptr && (target->kind == FileKind::directory) != (source->kind == FileKind::directory)) {
    return conflict(to, "of another kind");
  }
  if (target != nullptr && has_children(key(real_to))) return conflict(to, "not empty");
  erase_tree(key(real_to));
  std::map<std::string, Node> moved;
  for (const auto& [path, moving] : nodes_) {
    if (path != key(real_from) && !path.starts_with(below(key(real_from)))) continue;
    moved[key(real_to) + path.substr(key(real_from).size())] = moving;
  }
  erase_tree(key(real_from));
  nodes_.merge(moved);
  return {};
}

Result<void> MemoryFiles::remove(const Path& path) {
  const std::lock_guard lock(mutex_);
  TRY(called("remove", path));
  if (const auto real = locate(path, LastLink::keep)) erase_tree(key(*real));
  return {};
}

class MemoryFiles::Lock final : public DirectoryLock {
 public:
  Lock(MemoryFiles& files, std::string path) : files_(files), path_(std::move(path)) {}
  ~Lock() override {
    const std::lock_guard lock(files_.mutex_);
    files_.locked_.erase(path_);
  }

 private:
  MemoryFiles& files_;
  std::string path_;
};

std::unique_ptr<DirectoryLock> MemoryFiles::try_lock(const Path& directory) {
  const std::lock_guard lock(mutex_);
  const auto real = locate(directory, LastLink::keep);
  const Node* there = real ? node(key(*real)) : nullptr;
  if (there == nullptr || there->kind != FileKind::directory || !locked_.insert(key(*real)).second) return nullptr;
  return std::make_unique<Lock>(*this, key(*real));
}

void MemoryFiles::remove_empty_directory(const Path& path) {
  const std::lock_guard lock(mutex_);
  const auto real = locate(path, LastLink::keep);
  const Node* found = real ? node(key(*real)) : nullptr;
  if (found != nullptr && found->kind == FileKind::directory && !has_children(key(*real))) nodes_.erase(key(*real));
}

}  // namespace mesh
