#include "platform/posix_processes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "common/text.h"
#include "platform/descriptor.h"

namespace mesh {
inline namespace platform {
namespace {

using std::chrono::milliseconds;

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

bool means_out_of_resources(int error) { return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE; }

Error not_started(const Path& file, int error) {
  return {means_out_of_resources(error) ? ErrorKind::out_of_resources : ErrorKind::io,
          fmt::format("{}: {}", file.native(), std::generic_category().message(error))};
}

Result<Pipe> make_pipe(const Path& file) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return not_started(file, errno);
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The descriptors and signals a new program starts with.
class Attributes {
 public:
  Attributes() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
  }
  ~Attributes() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;

  // Sets the descriptors and signals. `input` is -1 for none.
  void prepare(const Program& program, int input, int output, int errors) {
    if (input < 0) ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (input >= 0) ::posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    ::posix_spawn_file_actions_addchdir_np(&actions_, program.directory.c_str());
    sigset_t all;
    sigset_t none;
    sigfillset(&all);
    sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  }

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// A running program. The destructor kills its process group and waits for it.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid), ended_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
  ~Child() { end(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Returns a descriptor that is readable after the program ended; -1 before Linux 5.3.
  int ended() const { return ended_.number(); }

  // Kills the rest of the group. Returns the program's status from waitpid.
  int end() {
    if (pid_ == 0) return status_;
    ::kill(-pid_, SIGKILL);
    while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return status_;
  }

 private:
  pid_t pid_;
  int status_ = 0;
  Descriptor ended_;
};

// Writes a program's standard input, one piece at a time, as fast as the program reads. It uses a socket, which becomes
// writable only after most of the data was read; a pipe would wake the writer for each page.
class Feed {
 public:
  static Result<Feed> open(const Program& program) {
    Feed feed(program.input);
    if (!program.input) return feed;
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return not_started(program.file, errno);
    feed.pipe_ = {Descriptor(ends[0]), Descriptor(ends[1])};
    feed.buffer_.resize(kPiece);
    return feed;
  }

  int read_end() const { return pipe_.read_end.number(); }
  void started() { pipe_.read_end.close(); }

  // Returns the descriptor to write to; -1 at the end of the input.
  int write_end() const { return pipe_.write_end.number(); }
  bool needs_refill() const { return pipe_.write_end.is_open() && piece_.empty(); }

  // Waits for the next piece.
  Result<void> refill(const Path& file) {
    TRY_ASSIGN(const auto count, source_(buffer_));
    if (!count) return Error{ErrorKind::cancelled, file.native()};
    piece_ = std::span(buffer_).first(*count);
    if (piece_.empty()) pipe_.write_end.close();
    return {};
  }

  void write() {
    const ssize_t count = ::send(pipe_.write_end.number(), piece_.data(), piece_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) piece_ = piece_.subspan(static_cast<std::size_t>(count));
    if (count < 0 && errno != EAGAIN && errno != EINTR) pipe_.write_end.close();  // the program closed its input
  }

 private:
  static constexpr std::size_t kPiece = 256 * 1024;

  explicit Feed(const ByteSource& source) : source_(source) {}

  const ByteSource& source_;
  Pipe pipe_;
  std::vector<std::byte> buffer_;
  std::span<const std::byte> piece_;  // the unwritten part of the buffer
};

// Reads the available output; closes the pipe at its end.
void drain(Descriptor& pipe, std::string& text, std::size_t max_bytes) {
  std::array<char, 16 * 1024> buffer;
  const ssize_t count = ::read(pipe.number(), buffer.data(), buffer.size());
  if (count < 0 && errno == EINTR) return;
  if (count <= 0) return pipe.close();
  const std::size_t room = max_bytes - std::min(max_bytes, text.size());
  text.append(buffer.data(), std::min(room, static_cast<std::size_t>(count)));
}

ProgramEnd end_of(int status) {
  ProgramEnd end;
  if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  return end;
}

bool is_ready(const pollfd& descriptor) { return (descriptor.revents & (POLLIN | POLLOUT | POLLHUP | POLLERR)) != 0; }

}  // namespace

std::optional<Path> find_program(std::string_view name, std::string_view search_path, Files& files) {
  for (const std::string_view directory : text::split(search_path, ':')) {
    if (!directory.starts_with('/')) continue;
    const Path path = Path(directory) / name;
    if (files.is_executable(path)) return path;
  }
  return std::nullopt;
}

Result<ProgramEnd> PosixProcesses::run(const Program& program) {
  auto deadline = std::chrono::steady_clock::now() + program.limit;
  TRY_ASSIGN(Pipe output, make_pipe(program.file));
  TRY_ASSIGN(Pipe errors, make_pipe(program.file));
  TRY_ASSIGN(Feed feed, Feed::open(program));
  Attributes attributes;
  attributes.prepare(program, feed.read_end(), output.write_end.number(), errors.write_end.number());
  std::vector<std::string> arguments = {program.file.native()};
  arguments.insert(arguments.end(), program.arguments.begin(), program.arguments.end());
  std::vector<std::string> environment = program.environment;

  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, program.file.c_str(), attributes.actions(), attributes.attributes(),
                                  pointers_to(arguments).data(), pointers_to(environment).data());
  if (error != 0) return not_started(program.file, error);
  Child child(pid);
  feed.started();
  output.write_end.close();
  errors.write_end.close();

  std::string output_text;
  std::string error_text;
  bool has_ended = false;
  bool timed_out = false;
  // Reads the output to the end, even after the program ended, because a pipe may still contain data. Does not wait for a
  // pipe that another process keeps open.
  while (!has_ended && !timed_out) {
    if (feed.needs_refill()) {
      TRY(feed.refill(program.file));
      deadline = std::chrono::steady_clock::now() + program.limit;
    }
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    std::array<pollfd, 5> wanted = {{{child.ended(), POLLIN, 0},
                                     {stop_.descriptor(), POLLIN, 0},
                                     {feed.write_end(), POLLOUT, 0},
                                     {output.read_end.number(), POLLIN, 0},
                                     {errors.read_end.number(), POLLIN, 0}}};
    const int count = ::poll(wanted.data(), wanted.size(), static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000)));
    if (stop_.requested()) return Error{ErrorKind::cancelled, program.file.native()};
    if (count < 0) continue;
    if (feed.write_end() >= 0 && is_ready(wanted[2])) feed.write();
    const bool has_output = output.read_end.is_open() && is_ready(wanted[3]);
    const bool has_errors = errors.read_end.is_open() && is_ready(wanted[4]);
    if (has_output) drain(output.read_end, output_text, program.max_output);
    if (has_errors) drain(errors.read_end, error_text, program.max_output);
    const bool is_over = child.ended() >= 0 ? is_ready(wanted[0]) : !output.read_end.is_open() && !errors.read_end.is_open();
    // The limit ends the loop even if the program or a descendant still prints.
    has_ended = is_over && ((!has_output && !has_errors) || left <= 0);
    timed_out = !has_ended && left <= 0;
  }
  ProgramEnd end = end_of(child.end());
  end.timed_out = timed_out;
  if (timed_out) end.exit_code.reset();
  end.output = std::move(output_text);
  end.errors = std::move(error_text);
  return end;
}

}  // namespace platform
}  // namespace mesh
