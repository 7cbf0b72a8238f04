// Checks both implementations of the interface to the file system against platform/files.h.
#include "platform/files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <latch>
#include <thread>

#include "common/text.h"
#include "platform/disk_files.h"
#include "support/cpp/memory_files.h"
#include "support/cpp/scratch_directory.h"

namespace mesh {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The real file system, with a temporary directory for the test.
struct OnDisk {
  ScratchDirectory scratch;
  DiskFiles files;
  Path root = scratch.path();

  void put_link(const Path& path, const Path& target) const { std::filesystem::create_symlink(target, path); }
  void put_pipe(const Path& path) const { ASSERT_EQ(::mkfifo(path.c_str(), 0644), 0); }
  unsigned mode(const Path& path) const {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 07777;
  }
};

struct InMemory {
  MemoryFiles files;
  Path root = "/root";

  InMemory() { files.put_directory(root); }
  void put_link(const Path& path, const Path& target) { files.put_link(path, target); }
  void put_pipe(const Path& path) { files.put_pipe(path); }
  unsigned mode(const Path& path) { return files.mode(path); }
};

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

template <class Place>
class FilesContract : public testing::Test {
 protected:
  Files& files() { return place_.files; }
  Path at(std::string_view name) const { return place_.root / name; }

  void put(std::string_view name, std::string_view content) { ASSERT_TRUE(files().replace(at(name), content)); }
  void put_directory(std::string_view name) { ASSERT_TRUE(files().make_directories(at(name))); }
  std::string content(std::string_view name) { return *files().read(at(name), 1000); }
  std::vector<std::string> names(std::string_view directory = "") { return *files().list(at(directory)); }

  Place place_;
};

using Implementations = testing::Types<OnDisk, InMemory>;
TYPED_TEST_SUITE(FilesContract, Implementations);

template <class T>
ErrorKind reason(const Result<T>& result) {
  EXPECT_FALSE(result);
  return result ? ErrorKind::defect : result.failure().kind;
}

// Waits until the kernel's clock for file changes, which ticks every few milliseconds, has advanced.
void pass_time() {
  const auto tick = [] {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return std::pair(now.tv_sec, now.tv_nsec);
  };
  for (const auto start = tick(); tick() == start;) std::this_thread::yield();
}

TYPED_TEST(FilesContract, KindReturnsTheTypeOfAPath) {
  this->put("file", "");
  this->put_directory("directory");
  this->place_.put_link(this->at("link"), "file");
  this->place_.put_pipe(this->at("pipe"));
  EXPECT_EQ(this->files().kind(this->at("file")), FileKind::file);
  EXPECT_EQ(this->files().kind(this->at("directory")), FileKind::directory);
  EXPECT_EQ(this->files().kind(this->at("link")), FileKind::link);
  EXPECT_EQ(this->files().kind(this->at("pipe")), FileKind::other);
  EXPECT_EQ(this->files().kind(this->at("nothing")), FileKind::missing);
  EXPECT_EQ(this->files().kind(this->at("file/below")), FileKind::missing);
}

TYPED_TEST(FilesContract, ReadsAWholeFile) {
  const std::string everything("a\0b\r\n\xFF", 6);
  this->put("file", everything);
  EXPECT_EQ(*this->files().read(this->at("file"), 100), everything);
}

TYPED_TEST(FilesContract, ReadsAFileOfTheMaximumSize) {
  this->put("file", std::string(5000, 'x'));
  EXPECT_EQ(this->files().read(this->at("file"), 5000)->size(), 5000u);
}

TYPED_TEST(FilesContract, ReadFailsAboveTheMaximumSize) {
  this->put("file", std::string(5001, 'x'));
  EXPECT_EQ(reason(this->files().read(this->at("file"), 5000)), ErrorKind::io);
}

TYPED_TEST(FilesContract, ReadsThroughALink) {
  this->put("file", "content");
  this->place_.put_link(this->at("link"), "file");
  EXPECT_EQ(*this->files().read(this->at("link"), 100), "content");
}

TYPED_TEST(FilesContract, ReadsOnlyRegularFiles) {
  this->put_directory("directory");
  this->place_.put_pipe(this->at("pipe"));
  EXPECT_EQ(reason(this->files().read(this->at("pipe"), 100)), ErrorKind::io);
  EXPECT_EQ(reason(this->files().open(this->at("pipe"))), ErrorKind::io);
  EXPECT_EQ(reason(this->files().read(this->at("directory"), 100)), ErrorKind::path_conflict);
  EXPECT_EQ(reason(this->files().open(this->at("directory"))), ErrorKind::path_conflict);
}

TYPED_TEST(FilesContract, NamesThePathThatFailed) {
  const auto result = this->files().read(this->at("nothing"), 100);
  EXPECT_EQ(reason(result), ErrorKind::io);
  EXPECT_THAT(result.failure().detail, HasSubstr(this->at("nothing").native()));
}

TYPED_TEST(FilesContract, FailsWithPathConflictWhenAParentIsAFile) {
  this->put("file", "");
  EXPECT_EQ(reason(this->files().read(this->at("file/below"), 100)), ErrorKind::path_conflict);
  EXPECT_EQ(reason(this->files().create(this->at("file/below"))), ErrorKind::path_conflict);
  EXPECT_EQ(reason(this->files().replace(this->at("file/below"), "")), ErrorKind::path_conflict);
  EXPECT_EQ(reason(this->files().list(this->at("file"))), ErrorKind::path_conflict);
}

TYPED_TEST(FilesContract, FailsWithPathConflictOnALinkLoop) {
  this->place_.put_link(this->at("one"), "two");
  this->place_.put_link(this->at("two"), "one");
  EXPECT_EQ(reason(this->files().read(this->at("one"), 100)), ErrorKind::path_conflict);
  EXPECT_EQ(reason(this->files().resolve(this->at("one"))), ErrorKind::path_conflict);
}

TYPED_TEST(FilesContract, ListsNamesSorted) {
  for (const char* name : {"b", "a", ".c", "B"}) this->put(name, "");
  this->put_directory("d/inner");
  EXPECT_THAT(this->names(), ElementsAre(".c", "B", "a", "b", "d"));
}

TYPED_TEST(FilesContract, ListFailsWhenTheDirectoryIsMissing) {
  EXPECT_EQ(reason(this->files().list(this->at("nothing"))), ErrorKind::io);
}

TYPED_TEST(FilesContract, ResolvesEveryLinkOfAPath) {
  this->put_directory("real/inner");
  this->place_.put_link(this->at("link"), "real");
  this->place_.put_link(this->at("real/again"), this->at("link/inner"));
  EXPECT_EQ(*this->files().resolve(this->at("link/again")), this->at("real/inner"));
}

TYPED_TEST(FilesContract, ResolveFailsWhenAPathIsDangling) {
  this->place_.put_link(this->at("link"), "nothing");
  EXPECT_EQ(reason(this->files().resolve(this->at("link"))), ErrorKind::io);
}

TYPED_TEST(FilesContract, ReadLinkReturnsTheUnchangedTarget) {
  this->place_.put_link(this->at("link"), "../some/where");
  EXPECT_EQ(*this->files().read_link(this->at("link")), Path("../some/where"));
}

TYPED_TEST(FilesContract, ReadLinkFailsWithoutALink) {
  this->put("file", "");
  EXPECT_EQ(reason(this->files().read_link(this->at("file"))), ErrorKind::io);
}

TYPED_TEST(FilesContract, MakeDirectoriesCreatesMissingParents) {
  this->put_directory("a/b/c");
  EXPECT_EQ(this->files().kind(this->at("a/b/c")), FileKind::directory);
}

TYPED_TEST(FilesContract, MakeDirectoriesAcceptsExistingDirectories) {
  this->put_directory("real");
  this->place_.put_link(this->at("link"), "real");
  EXPECT_TRUE(this->files().make_directories(this->at("real")));
  EXPECT_TRUE(this->files().make_directories(this->at("link/inner")));
  EXPECT_EQ(this->files().kind(this->at("real/inner")), FileKind::directory);
}

TYPED_TEST(FilesContract, MakeDirectoriesIgnoresTheUmask) {
  const mode_t before = ::umask(077);
  this->put_directory("a/b");
  ::umask(before);
  EXPECT_EQ(this->place_.mode(this->at("a")), 0755u);
  EXPECT_EQ(this->place_.mode(this->at("a/b")), 0755u);
}

TYPED_TEST(FilesContract, MakeDirectoriesFailsWhenThePathIsAFile) {
  this->put("file", "");
  this->place_.put_link(this->at("dangling"), "nothing");
  EXPECT_EQ(reason(this->files().make_directories(this->at("file"))), ErrorKind::path_conflict);
  EXPECT_EQ(reason(this->files().make_directories(this->at("file/below"))), ErrorKind::path_conflict);
  EXPECT_EQ(reason(this->files().make_directories(this->at("dangling"))), ErrorKind::path_conflict);
}

TYPED_TEST(FilesContract, MakesUniqueTemporaryDirectories) {
  const Path one = *this->files().make_temporary_directory(this->at(""), ".prefix.");
  const Path two = *this->files().make_temporary_directory(this->at(""), ".prefix.");
  EXPECT_NE(one, two);
  EXPECT_EQ(this->place_.mode(one), 0700u);
  EXPECT_THAT(one.filename().native(), testing::StartsWith(".prefix."));
  EXPECT_EQ(one.filename().native().size(), std::string_view(".prefix.XXXXXX").size());
}

TYPED_TEST(FilesContract, MakeTemporaryDirectoryFailsWhenTheParentIsMissing) {
  EXPECT_EQ(reason(this->files().make_temporary_directory(this->at("nothing"), "x")), ErrorKind::io);
}

TYPED_TEST(FilesContract, RemovesATemporaryDirectoryAtTheEndOfItsScope) {
  {
    auto directory = TemporaryDirectory::make(this->files(), this->at(""), "x");
    ASSERT_TRUE(directory);
    ASSERT_TRUE(this->files().replace(directory->path() / "file", ""));
    const TemporaryDirectory moved = *std::move(directory);
    EXPECT_EQ(this->files().kind(moved.path() / "file"), FileKind::file);
  }
  EXPECT_THAT(this->names(), IsEmpty());
}

TYPED_TEST(FilesContract, MakesAPrivateDirectoryOnce) {
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(this->files().make_private_directory(this->at("private")));
    EXPECT_EQ(this->place_.mode(this->at("private")), 0700u);
    EXPECT_TRUE(this->files().is_private_directory(this->at("private")));
  }
}

TYPED_TEST(FilesContract, RejectsPrivateDirectoriesThatOthersMayEnter) {
  this->put_directory("open");
  this->put("file", "");
  ASSERT_TRUE(this->files().make_private_directory(this->at("private")));
  this->place_.put_link(this->at("link"), "private");
  for (const char* name : {"open", "file", "link"}) {
    EXPECT_EQ(reason(this->files().make_private_directory(this->at(name))), ErrorKind::permission_denied) << name;
    EXPECT_FALSE(this->files().is_private_directory(this->at(name))) << name;
  }
  EXPECT_FALSE(this->files().is_private_directory(this->at("missing")));
}

TYPED_TEST(FilesContract, MakesAPrivateDirectoryInADirectoryOfAGroup) {
  this->put_directory("shared");
  ASSERT_TRUE(this->files().set_mode(this->at("shared"), 02755));  // a directory in it inherits the set-group-ID bit
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(this->files().make_private_directory(this->at("shared/private")));
    EXPECT_TRUE(this->files().is_private_directory(this->at("shared/private")));
  }
}

TYPED_TEST(FilesContract, ReportsLaterChangeTimesWhenEveryEntryIsReplaced) {
  this->put_directory("app");
  this->put("app/kept", "");
  this->put("app/replaced", "");
  const std::chrono::nanoseconds before = this->files().change_times(this->at("app"))->latest;
  pass_time();
  this->put("app/replaced", "");
  EXPECT_LE(this->files().change_times(this->at("app"))->earliest, before);
  EXPECT_GT(this->files().change_times(this->at("app"))->latest, before);
  ASSERT_TRUE(this->files().remove(this->at("app/kept")));
  this->put("app/new", "");
  EXPECT_GT(this->files().change_times(this->at("app"))->earliest, before);
}

TYPED_TEST(FilesContract, FailsToReportChangeTimesWhenPathIsNotADirectory) {
  this->put("file", "");
  EXPECT_EQ(reason(this->files().change_times(this->at("file"))), ErrorKind::path_conflict);
  EXPECT_EQ(reason(this->files().change_times(this->at("missing"))), ErrorKind::io);
}

TYPED_TEST(FilesContract, CreatesAFileForItsOwnerOnly) {
  const auto file = *this->files().create(this->at("file"));
  ASSERT_TRUE(file->append(bytes("one ")));
  ASSERT_TRUE(file->append(bytes("two")));
  EXPECT_EQ(this->content("file"), "one two");
  EXPECT_EQ(this->place_.mode(this->at("file")), 0600u);
}

TYPED_TEST(FilesContract, CreateFailsWhenThePathExists) {
  this->put("file", "");
  this->put_directory("directory");
  this->place_.put_link(this->at("dangling"), "nothing");
  for (const char* name : {"file", "directory", "dangling"}) {
    EXPECT_EQ(reason(this->files().create(this->at(name))), ErrorKind::path_conflict) << name;
  }
  EXPECT_EQ(this->files().kind(this->at("nothing")), FileKind::missing);
}

TYPED_TEST(FilesContract, RestartEmptiesAFile) {
  const auto file = *this->files().create(this->at("file"));
  ASSERT_TRUE(file->append(bytes("the first attempt")));
  ASSERT_TRUE(file->restart());
  ASSERT_TRUE(file->append(bytes("second")));
  EXPECT_EQ(this->content("file"), "second");
}

TYPED_TEST(FilesContract, ReadsAFileWhileItGrows) {
  const auto output = *this->files().create(this->at("file"));
  const auto input = *this->files().open(this->at("file"));
  std::array<std::byte, 4> buffer{};
  EXPECT_EQ(*input->read_at(0, buffer), 0u);
  ASSERT_TRUE(output->append(bytes("abcdef")));
  EXPECT_EQ(*input->read_at(1, buffer), 4u);
  EXPECT_EQ(buffer[0], std::byte{'b'});
  EXPECT_EQ(*input->read_at(4, buffer), 2u);
  EXPECT_EQ(*input->read_at(6, buffer), 0u);
  EXPECT_EQ(*input->read_at(600, buffer), 0u);
}

TYPED_TEST(FilesContract, ReplacesTheContentOfAFile) {
  this->put("file", "a long former content");
  this->put("file", "new");
  EXPECT_EQ(this->content("file"), "new");
  EXPECT_THAT(this->names(), ElementsAre("file"));
}

TYPED_TEST(FilesContract, ReplaceKeepsThePreviousContentForOpenReaders) {
  this->put("file", "former");
  const auto input = *this->files().open(this->at("file"));
  this->put("file", "latter");
  std::array<std::byte, 6> buffer{};
  EXPECT_EQ(*input->read_at(0, buffer), 6u);
  EXPECT_EQ(buffer[0], std::byte{'f'});
}

TYPED_TEST(FilesContract, ReplacesALinkItselfNotItsTarget) {
  this->put("file", "untouched");
  this->place_.put_link(this->at("link"), "file");
  this->put("link", "new");
  EXPECT_EQ(this->content("file"), "untouched");
  EXPECT_EQ(this->files().kind(this->at("link")), FileKind::file);
}

TYPED_TEST(FilesContract, ReplaceKeepsFilesWithSimilarNames) {
  this->put("precious", "untouched");
  this->put("file.new", "theirs");
  this->put("file.new.", "theirs");
  this->put("file.new.abcdefg", "theirs");
  this->put("another.new.abcdef", "theirs");
  this->place_.put_link(this->at("file.new.abcdef"), "precious");
  this->put("file", "new");
  EXPECT_EQ(this->content("precious"), "untouched");
  EXPECT_THAT(this->names(), ElementsAre("another.new.abcdef", "file", "file.new", "file.new.", "file.new.abcdef",
                                         "file.new.abcdefg", "precious"));
}

TYPED_TEST(FilesContract, ReplaceIgnoresTheUmask) {
  const mode_t former = ::umask(0077);
  this->put("file", "");
  ::umask(former);
  EXPECT_EQ(this->place_.mode(this->at("file")), 0644u);
}

TYPED_TEST(FilesContract, ReplaceFailsWhenThePathIsADirectory) {
  this->put_directory("directory");
  EXPECT_EQ(reason(this->files().replace(this->at("directory"), "")), ErrorKind::path_conflict);
  EXPECT_THAT(this->names(), ElementsAre("directory"));
}

TYPED_TEST(FilesContract, ReplaceFailsWhenTheDirectoryIsMissing) {
  EXPECT_EQ(reason(this->files().replace(this->at("nothing/file"), "")), ErrorKind::io);
}

TYPED_TEST(FilesContract, AppendLinesCreatesAWorldReadableFile) {
  const mode_t before = ::umask(077);
  ASSERT_TRUE(this->files().append_line(this->at("file"), "one"));
  ::umask(before);
  ASSERT_TRUE(this->files().append_line(this->at("file"), ""));
  ASSERT_TRUE(this->files().append_line(this->at("file"), std::string(100, 'x')));
  EXPECT_EQ(this->content("file"), "one\n\n" + std::string(100, 'x') + "\n");
  EXPECT_EQ(this->place_.mode(this->at("file")), 0644u);
}

TYPED_TEST(FilesContract, AppendLinesKeepsTheModeOfAFile) {
  this->put("file", "one\n");
  ASSERT_TRUE(this->files().set_mode(this->at("file"), 0600));
  ASSERT_TRUE(this->files().append_line(this->at("file"), "two"));
  EXPECT_EQ(this->place_.mode(this->at("file")), 0600u);
}

TYPED_TEST(FilesContract, AppendLinesTerminatesAnUnfinishedLine) {
  this->put("file", "one\ntw");
  ASSERT_TRUE(this->files().append_line(this->at("file"), "three"));
  EXPECT_EQ(this->content("file"), "one\ntw\nthree\n");
}

TYPED_TEST(FilesContract, AppendLinesFollowsNoLink) {
  this->put("precious", "untouched");
  this->put_directory("real");
  this->place_.put_link(this->at("link"), "precious");
  this->place_.put_link(this->at("dangling"), "nothing");
  this->place_.put_link(this->at("directory"), "real");
  for (const char* name : {"link", "dangling", "directory/file"}) {
    EXPECT_EQ(reason(this->files().append_line(this->at(name), "x")), ErrorKind::path_conflict) << name;
  }
  EXPECT_EQ(this->content("precious"), "untouched");
  EXPECT_EQ(this->files().kind(this->at("nothing")), FileKind::missing);
  EXPECT_THAT(this->names("real"), IsEmpty());
}

TYPED_TEST(FilesContract, AppendLinesFailsForOtherTypesThanFiles) {
  this->put("file", "");
  this->put_directory("directory");
  this->place_.put_pipe(this->at("pipe"));
  EXPECT_EQ(reason(this->files().append_line(this->at("directory"), "x")), ErrorKind::path_conflict);
  EXPECT_EQ(reason(this->files().append_line(this->at("file/below"), "x")), ErrorKind::path_conflict);
  EXPECT_EQ(reason(this->files().append_line(this->at("pipe"), "x")), ErrorKind::io);
  EXPECT_EQ(reason(this->files().append_line(this->at("nothing/file"), "x")), ErrorKind::io);
}

TYPED_TEST(FilesContract, AppendLinesIsAtomicForConcurrentWriters) {
  constexpr int kWriters = 4;
  constexpr int kLines = 1000;
  constexpr std::size_t kLength = 2000;
  std::latch start(kWriters);
  std::vector<std::thread> writers;
  writers.reserve(kWriters);
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      const std::string line(kLength, static_cast<char>('a' + writer));
      start.arrive_and_wait();
      for (int i = 0; i < kLines; ++i) EXPECT_TRUE(this->files().append_line(this->at("file"), line));
    });
  }
  for (std::thread& writer : writers) writer.join();
  const std::string everything = *this->files().read(this->at("file"), 10'000'000);
  int lines = 0;
  for (const std::string_view line : text::split(everything, '\n')) {
    if (line.empty()) continue;
    ++lines;
    ASSERT_EQ(line, std::string(kLength, line.front()));
  }
  EXPECT_EQ(lines, kWriters * kLines);
}

TYPED_TEST(FilesContract, SetsTheMode) {
  this->put("file", "");
  ASSERT_TRUE(this->files().set_mode(this->at("file"), 0751));
  EXPECT_EQ(this->place_.mode(this->at("file")), 0751u);
  EXPECT_EQ(reason(this->files().set_mode(this->at("nothing"), 0644)), ErrorKind::io);
}

TYPED_TEST(FilesContract, RenamesOverAFile) {
  this->put("from", "new");
  this->put("to", "former");
  ASSERT_TRUE(this->files().rename(this->at("from"), this->at("to")));
  EXPECT_EQ(this->content("to"), "new");
  EXPECT_THAT(this->names(), ElementsAre("to"));
}

TYPED_TEST(FilesContract, RenameReplacesALinkButKeepsItsTarget) {
  this->put("from", "new");
  this->put("target", "untouched");
  this->place_.put_link(this->at("to"), "target");
  ASSERT_TRUE(this->files().rename(this->at("from"), this->at("to")));
  EXPECT_EQ(this->content("target"), "untouched");
  EXPECT_EQ(this->files().kind(this->at("to")), FileKind::file);
}

TYPED_TEST(FilesContract, RenamesADirectoryWithItsContent) {
  this->put_directory("from/inner");
  this->put("from/inner/file", "content");
  ASSERT_TRUE(this->files().rename(this->at("from"), this->at("to")));
  EXPECT_EQ(this->content("to/inner/file"), "content");
  EXPECT_THAT(this->names(), ElementsAre("to"));
}

TYPED_TEST(FilesContract, RenameFailsForAFileOverADirectory) {
  this->put("from", "");
  this->put_directory("to");
  EXPECT_EQ(reason(this->files().rename(this->at("from"), this->at("to"))), ErrorKind::path_conflict);
  EXPECT_THAT(this->names(), ElementsAre("from", "to"));
}

TYPED_TEST(FilesContract, RenameFailsForADirectoryOverANonEmptyOne) {
  this->put_directory("from");
  this->put_directory("to/inner");
  EXPECT_EQ(reason(this->files().rename(this->at("from"), this->at("to"))), ErrorKind::path_conflict);
}

TYPED_TEST(FilesContract, RenameFailsWhenTheSourceIsMissing) {
  EXPECT_EQ(reason(this->files().rename(this->at("nothing"), this->at("to"))), ErrorKind::io);
}

TYPED_TEST(FilesContract, RemovesADirectoryWithItsContent) {
  this->put_directory("directory/inner");
  this->put("directory/inner/file", "");
  this->put("directory-beside", "");
  ASSERT_TRUE(this->files().remove(this->at("directory")));
  EXPECT_THAT(this->names(), ElementsAre("directory-beside"));
}

TYPED_TEST(FilesContract, RemovesALinkButKeepsItsTarget) {
  this->put_directory("target");
  this->put("target/file", "untouched");
  this->put_directory("directory");
  this->place_.put_link(this->at("directory/link"), "../target");
  this->place_.put_link(this->at("link"), "target");
  ASSERT_TRUE(this->files().remove(this->at("directory")));
  ASSERT_TRUE(this->files().remove(this->at("link")));
  EXPECT_THAT(this->names(), ElementsAre("target"));
  EXPECT_EQ(this->content("target/file"), "untouched");
}

TYPED_TEST(FilesContract, RemoveAcceptsAMissingPath) {
  this->put("file", "");
  EXPECT_TRUE(this->files().remove(this->at("nothing")));
  EXPECT_TRUE(this->files().remove(this->at("nothing/below")));
  EXPECT_TRUE(this->files().remove(this->at("file/below")));
}

TYPED_TEST(FilesContract, RemovesADirectoryOnlyWhenItIsEmpty) {
  this->put_directory("empty");
  this->put_directory("full/inner");
  this->put("file", "");
  for (const char* name : {"empty", "full", "file", "nothing"}) this->files().remove_empty_directory(this->at(name));
  EXPECT_THAT(this->names(), ElementsAre("file", "full"));
}

// Switches the file system user for a scope, to simulate a build without root.
class AsNobody {
 public:
  AsNobody() { ::setfsuid(65534); }
  ~AsNobody() { ::setfsuid(::geteuid()); }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
};

TEST(DiskFiles, ReplaceKeepsThePreviousFileWhenItFails) {
  OnDisk place;
  ASSERT_TRUE(place.files.replace(place.root / "file", "former"));
  {
    const AsNobody nobody;
    EXPECT_EQ(reason(place.files.replace(place.root / "file", "latter")), ErrorKind::permission_denied);
  }
  EXPECT_EQ(*place.files.read(place.root / "file", 100), "former");
}

TEST(DiskFiles, ReplaceRemovesTemporaryFilesOfKilledProcesses) {
  OnDisk place;
  ASSERT_TRUE(place.files.replace(place.root / "file.new.abcdef", "half of somethi"));
  ASSERT_TRUE(place.files.replace(place.root / "file", "new"));
  EXPECT_THAT(*place.files.list(place.root), ElementsAre("file"));
}

TEST(DiskFiles, ReplaceKeepsTemporaryFilesOfRunningProcesses) {
  OnDisk place;
  const Path theirs = place.root / "file.new.abcdef";
  ASSERT_TRUE(place.files.replace(theirs, "half of somethi"));
  const int descriptor = ::open(theirs.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(::flock(descriptor, LOCK_EX), 0);
  EXPECT_TRUE(place.files.replace(place.root / "file", "new"));
  EXPECT_EQ(place.files.kind(theirs), FileKind::file);
  ::close(descriptor);
}

TEST(DiskFiles, ReplaceIsSafeForConcurrentWriters) {
  OnDisk place;
  const auto replace_often = [&](char letter) {
    DiskFiles files;
    for (int i = 0; i < 200; ++i) EXPECT_TRUE(files.replace(place.root / "file", std::string(1000, letter)));
  };
  std::thread other(replace_often, 'a');
  replace_often('b');
  other.join();
  const std::string content = *place.files.read(place.root / "file", 10'000);
  EXPECT_THAT(content, testing::AnyOf(std::string(1000, 'a'), std::string(1000, 'b')));
  EXPECT_THAT(*place.files.list(place.root), ElementsAre("file"));
}

TEST(DiskFiles, FailsWithPermissionDeniedForForbiddenPaths) {
  OnDisk place;
  ASSERT_TRUE(place.files.replace(place.root / "secret", ""));
  ASSERT_TRUE(place.files.set_mode(place.root / "secret", 0));
  ASSERT_TRUE(place.files.set_mode(place.root, 0555));
  const AsNobody nobody;
  EXPECT_EQ(reason(place.files.read(place.root / "secret", 100)), ErrorKind::permission_denied);
  EXPECT_EQ(reason(place.files.create(place.root / "file")), ErrorKind::permission_denied);
  EXPECT_EQ(reason(place.files.replace(place.root / "file", "")), ErrorKind::permission_denied);
  EXPECT_EQ(reason(place.files.append_line(place.root / "file", "")), ErrorKind::permission_denied);
  EXPECT_EQ(reason(place.files.append_line(place.root / "secret", "")), ErrorKind::permission_denied);
  EXPECT_EQ(reason(place.files.make_directories(place.root / "new")), ErrorKind::permission_denied);
  EXPECT_EQ(reason(place.files.make_temporary_directory(place.root, "x")), ErrorKind::permission_denied);
  EXPECT_EQ(reason(place.files.rename(place.root / "secret", place.root / "to")), ErrorKind::permission_denied);
  EXPECT_EQ(reason(place.files.remove(place.root / "secret")), ErrorKind::permission_denied);
}

TEST(MemoryFiles, FailsTheGivenNumberOfTimes) {
  MemoryFiles files;
  files.put_file("/a/file", "content");
  files.fail("read", "/file", ErrorKind::no_space, 2);
  EXPECT_EQ(reason(files.read("/a/file", 100)), ErrorKind::no_space);
  EXPECT_EQ(reason(files.read("/a/file", 100)), ErrorKind::no_space);
  EXPECT_EQ(*files.read("/a/file", 100), "content");
}

TEST(MemoryFiles, FailsTheCallOfTheGivenNumber) {
  MemoryFiles files;
  files.fail_call(1, ErrorKind::io);
  EXPECT_TRUE(files.make_directories("/a"));
  EXPECT_EQ(reason(files.replace("/a/file", "")), ErrorKind::io);
  EXPECT_TRUE(files.replace("/a/file", ""));
  EXPECT_EQ(files.failed_call(), "replace /a/file");
}

TYPED_TEST(FilesContract, LocksADirectoryForOneAtATime) {
  this->put_directory("directory");
  this->put_directory("other");
  auto lock = this->files().try_lock(this->at("directory"));
  EXPECT_TRUE(lock);
  EXPECT_FALSE(this->files().try_lock(this->at("directory")));
  EXPECT_TRUE(this->files().try_lock(this->at("other")));
  lock.reset();
  EXPECT_TRUE(this->files().try_lock(this->at("directory")));
}

TYPED_TEST(FilesContract, LockFailsForOtherTypesThanDirectories) {
  this->put("file", "");
  EXPECT_FALSE(this->files().try_lock(this->at("file")));
  EXPECT_FALSE(this->files().try_lock(this->at("nothing")));
}

TYPED_TEST(FilesContract, DuplicatesAFileWithItsMode) {
  this->put("original", "bytes");
  ASSERT_TRUE(this->files().set_mode(this->at("original"), 0750));
  ASSERT_TRUE(this->files().duplicate(this->at("original"), this->at("double")));
  EXPECT_EQ(this->content("double"), "bytes");
  EXPECT_EQ(this->place_.mode(this->at("double")), 0750u);
  ASSERT_TRUE(this->files().remove(this->at("original")));
  EXPECT_EQ(this->content("double"), "bytes");
}

TYPED_TEST(FilesContract, DuplicateFailsForOtherTypesAndExistingTargets) {
  this->put("original", "bytes");
  this->put("taken", "others");
  this->put_directory("directory");
  this->place_.put_link(this->at("link"), "original");
  EXPECT_EQ(this->files().duplicate(this->at("original"), this->at("taken")).failure().kind, ErrorKind::path_conflict);
  EXPECT_EQ(this->content("taken"), "others");
  EXPECT_EQ(this->files().duplicate(this->at("link"), this->at("new")).failure().kind, ErrorKind::path_conflict);
  EXPECT_EQ(this->files().duplicate(this->at("directory"), this->at("new")).failure().kind, ErrorKind::path_conflict);
  EXPECT_FALSE(this->files().duplicate(this->at("missing"), this->at("new")));
  EXPECT_EQ(this->files().kind(this->at("new")), FileKind::missing);
}

TYPED_TEST(FilesContract, MakesLinksWithTheGivenTarget) {
  ASSERT_TRUE(this->files().make_link(this->at("link"), "somewhere/else"));
  EXPECT_EQ(*this->files().read_link(this->at("link")), Path("somewhere/else"));
  EXPECT_EQ(this->files().make_link(this->at("link"), "x").failure().kind, ErrorKind::path_conflict);
}

TYPED_TEST(FilesContract, IsExecutableReturnsWhetherAFileIsExecutable) {
  this->put("program", "x");
  this->put("text", "x");
  this->put_directory("directory");
  ASSERT_TRUE(this->files().set_mode(this->at("program"), 0755));
  ASSERT_TRUE(this->files().set_mode(this->at("text"), 0644));
  this->place_.put_link(this->at("link"), "program");
  EXPECT_TRUE(this->files().is_executable(this->at("program")));
  EXPECT_TRUE(this->files().is_executable(this->at("link")));
  for (const char* name : {"text", "directory", "missing"})
    EXPECT_FALSE(this->files().is_executable(this->at(name))) << name;
}

}  // namespace
}  // namespace mesh
