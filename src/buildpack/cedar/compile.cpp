#include "buildpack/cedar/compile.h"

#include <fmt/format.h>

#include "buildpack/cedar/directory_cache.h"
#include "buildpack/cedar/place.h"
#include "buildpack/cedar/record_store.h"
#include "buildpack/install/layout.h"
#include "buildpack/pipeline/build.h"
#include "common/text.h"

namespace mesh::buildpack::cedar {
namespace {

// One classic build: the mesh binary, its aliases and its profile script go into the app's directory.
class Compile {
 public:
  Compile(const Site& site, const World& world, Record& record, BinaryCache& cache, Build& build)
      : site_(site), world_(world), record_(record), cache_(cache), build_(build) {}

  Result<void> run() {
    TRY(install());
    TRY_ASSIGN(const auto checkup, build_.examine([&] { return doctor::examine(build_.app()); }));
    return build_.advise(checkup);
  }

 private:
  Result<void> install();
  Result<void> install_vendored(const Path& binary);
  Result<std::vector<PlacedFile>> prepare_links(const Path& staging, std::string_view version);
  Result<void> place(const std::vector<PlacedFile>&, const Path& staging, std::string_view version,
                     const std::function<void()>& keep);

  const Site& site_;
  const World& world_;
  Record& record_;
  BinaryCache& cache_;
  Build& build_;
};

Result<void> Compile::install() {
  if (const auto binary = build_.vendored()) return install_vendored(*binary);
  TRY_ASSIGN(const TemporaryDirectory staging, open_staging(site_.app, world_.files));
  TRY_ASSIGN(const Acquired acquired, build_.acquire(staging.path()));
  const Path binary = layout_of(build_.product()).binary;
  const std::string& version = acquired.binary.version;
  TRY(place({{acquired.path, binary, 0755}}, staging.path(), version, [&] { keep(acquired, site_.app / binary, cache_); }));
  build_.compare_with_previous(version);
  world_.console.detail(fmt::format("Done! ({})", text::human_duration(record_.elapsed())));
  return {};
}

// Leaves the mesh binary of the app as it is and adds its aliases and its profile script.
Result<void> Compile::install_vendored(const Path& binary) {
  const Path path = site_.app / binary;
  TRY(build_.adopt(binary, path));
  if (!world_.files.is_executable(path)) TRY(world_.files.set_mode(path, 0755));
  TRY_ASSIGN(const TemporaryDirectory staging, open_staging(site_.app, world_.files));
  return place({}, staging.path(), "", [] {});
}

// Makes the links to place beside the mesh binary.
Result<std::vector<PlacedFile>> Compile::prepare_links(const Path& staging, std::string_view version) {
  std::vector<PlacedFile> links;
  const Layout layout = layout_of(build_.product());
  for (const std::string& name : alias_names(build_.product(), version, site_.architecture)) {
    const Path staged = staging / ("link-" + name);
    TRY(world_.files.make_link(staged, layout.binary.filename()));
    links.push_back({staged, layout.directory / name, 0, PlacedFile::Kind::alias});
  }
  return links;
}

// Places the profile script first: without it, a mesh binary would count as the app's own.
Result<void> Compile::place(const std::vector<PlacedFile>& programs, const Path& staging, std::string_view version,
                            const std::function<void()>& keep) {
  const Layout layout = layout_of(build_.product());
  if (!programs.empty()) world_.console.detail(fmt::format("Installing {}...", program(build_.product())));
  TRY_ASSIGN(const Placed placed, record_.phase(Step::place, [&]() -> Result<Placed> {
    TRY(world_.files.replace(staging / "profile", profile_script(build_.product())));
    TRY_ASSIGN(std::vector<PlacedFile> files, prepare_links(staging, version));
    files.insert(files.begin(), programs.begin(), programs.end());
    files.insert(files.begin(), {staging / "profile", layout.profile, 0644});
    auto result = buildpack::place(files, site_.app, staging, world_.files);
    if (result) keep();
    return result;
  }));
  for (const Path& path : placed.replaced) {
    world_.console.warning(fmt::format("There was a file {} already. It was replaced.", path.native()));
  }
  for (const Path& path : placed.kept) {
    world_.console.warning(fmt::format("There is a file {} already. It was left as it is.", path.native()));
  }
  world_.console.detail(fmt::format("Installed {} ({})", layout.binary.native(), build_.took(Step::place)));
  return {};
}

void state_previous(const RecordStore& store, Record& record) {
  const auto previous = store.load_previous();
  if (!previous) return;
  const auto version = previous->facts.find(std::string(fact::kMeshVersion.key));
  if (version != previous->facts.end()) record.state(fact::kMeshVersionPrevious, std::get<std::string>(version->second));
}

PathNames names_of(const Directories& directories, const BuildContext& context) {
  std::vector<std::pair<Path, std::string>> names = {{directories.build, "BUILD_DIR"},
                                                     {context.buildpack_directory, "BUILDPACK_DIR"}};
  if (directories.cache) names.emplace_back(*directories.cache, "CACHE_DIR");
  if (directories.env) names.emplace_back(*directories.env, "ENV_DIR");
  return PathNames(names);
}

void log_record_location(const RecordStore& store, Console& console) {
  if (!store.write_failure()) return;
  const std::string cause = text::printable_line(store.write_failure()->detail, 200);
  if (const auto path = store.fallback()) {
    console.detail(fmt::format("The cache cannot be written ({}). The build's record is in {}.", cause, path->native()));
  } else {
    console.warning(
        fmt::format("The build's record could not be written: {}.\nbin/report cannot report this build.", cause));
  }
}

}  // namespace

RecordStore records_of(const Directories& directories, const Environment& environment, Files& files) {
  return {files,
          directories.cache,
          environment.get("TMPDIR").value_or("/tmp"),
          {.request = environment.get("REQUEST_ID").value_or(""), .directory = directories.build}};
}

BuildOutcome compile(const Directories& directories, const BuildContext& context, const World& world) {
  RecordStore store = records_of(directories, context.environment, world.files);
  Record record(store, world.clock, world.stopped);
  record.use(names_of(directories, context));
  state_surroundings(context, kArchitecture, "cedar", record);
  if (const auto stack = context.environment.get("STACK")) record.state(fact::kStack, *stack);
  state_previous(store, record);
  BuildOutcome outcome = run_build(world, record, [&]() -> Result<void> {
    const Site site{directories.build};
    DirectoryCache cache(world.files, directories.cache);
    TRY_ASSIGN(Prepared prepared, prepare(site, context, world, record));
    Build build(site, context, world, record, cache, std::move(prepared));
    return Compile(site, world, record, cache, build).run();
  });
  log_record_location(store, world.console);
  return outcome;
}

}  // namespace mesh::buildpack::cedar
