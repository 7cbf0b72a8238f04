#include "buildpack/cedar/place.h"

#include <fmt/format.h>

#include <algorithm>

namespace mesh::buildpack {
namespace {

Failure conflict(const Path& path, std::string_view what) {
  return {Reason::install_path_conflict, fmt::format("{} {}", path.native(), what)};
}

bool is_inside(const Path& path, const Path& directory) {
  const Path relative = path.lexically_relative(directory);
  return !relative.empty() && *relative.begin() != "..";
}

// Undoes the changes so far in reverse order, unless they are committed.
class Rollback {
 public:
  explicit Rollback(Files& files) : files_(files) {}
  ~Rollback() {
    std::for_each(placed_.rbegin(), placed_.rend(), [&](const Step& step) { take_back(step); });
    std::for_each(directories_.rbegin(), directories_.rend(),
                  [&](const Path& made) { files_.remove_empty_directory(made); });
  }
  Rollback(const Rollback&) = delete;
  Rollback& operator=(const Rollback&) = delete;

  void made_directory(Path path) { directories_.push_back(std::move(path)); }
  void kept(Path target, Path copy) { placed_.push_back({std::move(target), std::move(copy)}); }
  void placed(Path target) { placed_.push_back({std::move(target), {}}); }
  void all_went_well() {
    placed_.clear();
    directories_.clear();
  }

 private:
  struct Step {
    Path target;
    Path former;  // the replaced file's new path, if there was one
  };

  // Ignores errors, because the build already fails for another reason.
  void take_back(const Step& step) {
    static_cast<void>(step.former.empty() ? files_.remove(step.target) : files_.rename(step.former, step.target));
  }

  Files& files_;
  std::vector<Step> placed_;
  std::vector<Path> directories_;
};

// Makes the missing directories of a path below `app` and notes each one for the rollback. Fails if a link leads out of the
// app.
Result<void> make_parents(const Path& app, const Path& target, Files& files, Rollback& rollback) {
  TRY_ASSIGN(const Path root, files.resolve(app));
  Path so_far = app;
  for (const Path& part : target.parent_path()) {
    so_far /= part;
    const FileKind kind = files.kind(so_far);
    if (kind == FileKind::missing) {
      TRY(files.make_directories(so_far));
      rollback.made_directory(so_far);
      continue;
    }
    if (kind == FileKind::file || kind == FileKind::other) return conflict(so_far, "is no directory");
    const auto resolved = files.resolve(so_far);
    if (!resolved) return conflict(so_far, "is a link that leads nowhere");
    if (!is_inside(*resolved, root)) return conflict(so_far, "is a link that leads out of the app");
  }
  return {};
}

}  // namespace

Result<Placed> place(const std::vector<PlacedFile>& files_to_place, const Path& app, const Path& staging, Files& files) {
  Rollback rollback(files);
  Placed placed;
  int former_files = 0;
  for (const PlacedFile& file : files_to_place) {
    const Path target = app / file.target;
    const bool is_alias = file.kind == PlacedFile::Kind::alias;
    TRY(make_parents(app, file.target, files, rollback));
    const FileKind there = files.kind(target);
    if (is_alias && there != FileKind::missing && there != FileKind::link) {
      placed.kept.push_back(file.target);
      continue;
    }
    if (!is_alias) TRY(files.set_mode(file.staged, file.mode));
    if (there == FileKind::directory) return conflict(target, "is a directory");
    if (there != FileKind::missing) {
      const Path former = staging / fmt::format("former-{}", former_files++);
      TRY(files.rename(target, former));
      rollback.kept(target, former);
      if (!is_alias) placed.replaced.push_back(file.target);
    }
    TRY(files.rename(file.staged, target));
    if (there == FileKind::missing) rollback.placed(target);
  }
  rollback.all_went_well();
  return placed;
}

}  // namespace mesh::buildpack
