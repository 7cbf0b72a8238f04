#include "cedar/compile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <exception>

#include "base/architecture.h"
#include "base/text.h"
#include "cedar/advice.h"
#include "install/acquire.h"
#include "install/digest_file.h"
#include "install/inspect.h"
#include "install/layout.h"
#include "install/place.h"
#include "install/staging.h"
#include "install/vendored.h"
#include "procfile/product_choice.h"
#include "record/record.h"
#include "release/inventory.h"
#include "release/settings.h"

namespace mesh::cedar {
namespace {

using procfile::App;
using procfile::Checkup;

// One build: its directories, its outside, its record, and the connection it makes once it knows its settings.
class Build {
 public:
  Build(const Directories& directories, World& world, Record& record)
      : directories_(directories), world_(world), record_(record), cache_(world.files, directories.cache) {}

  Result<void> run() {
    TRY_ASSIGN(const Settings settings, settle());
    TRY(install(settings));
    return check_procfile(settings);
  }

 private:
  Result<Settings> settle();
  Result<void> choose_product();
  void connect(const Settings&);
  Result<void> install(const Settings&);
  Result<void> adopt(const Settings&, const Path& binary);
  Result<std::string> acquire(const Settings&, const TemporaryDirectory& staging);
  Result<std::vector<PlacedFile>> prepare_links(const Path& staging, std::string_view version);
  Result<void> place(const std::vector<PlacedFile>&, const Path& staging, std::string_view version,
                     const std::function<void()>& keep);
  Result<void> check_procfile(const Settings&);
  void remember_version(const std::string& tag);

  std::string took(Step step) const { return text::human_duration(record_.time_in(step)); }

  const Directories& directories_;
  World& world_;
  Record& record_;
  BinaryCache cache_;
  App app_ = {};
  Inventory inventory_ = {};
  std::unique_ptr<Http> http_;
  std::optional<Transport> transport_;
};

Result<Settings> Build::settle() {
  return record_.phase(Step::settings, [&]() -> Result<Settings> {
    if (const auto names = world_.files.list(directories_.build); !names) {
      return Failure{Reason::platform_build_directory, names.failure().detail};
    }
    TRY(choose_product());
    TRY_ASSIGN(Settings settings, read_settings(world_.product, directories_.env, world_.environment, world_.files));
    record_.state(fact::kMeshSource, std::string(settings.release.source()));
    record_.state(fact::kMeshVersionRequested, settings.release.version.text);
    record_.state(fact::kMeshVersionPinned, !settings.release.version.is_latest());
    TRY_ASSIGN(inventory_, read_inventory(world_.buildpack_directory, world_.files));
    connect(settings);
    return settings;
  });
}

Result<void> Build::choose_product() {
  app_ = app_in(directories_.build, directories_.env, world_.files);
  TRY_ASSIGN(app_.product, read_product(directories_.env, world_.environment, world_.files));
  const procfile::ProductChoice choice = procfile::choose_product(app_);
  app_.product = choice.product;
  world_.product = choice.product;
  record_.state(fact::kMeshProduct, std::string(name(choice.product)));
  world_.console.step(fmt::format("{}: {}", title(choice.product), choice.reason));
  return {};
}

void Build::connect(const Settings& settings) {
  const TrustRoots roots = find_trust_roots(settings.trust_roots, world_.files);
  for (const std::string& setting : roots.unusable) {
    world_.console.warning(
        fmt::format("{} names no certificates that can be used here.\nThe ones of this machine are used instead.",
                    text::printable_line(setting, 200)));
  }
  http_ =
      world_.connect({.user_agent = fmt::format("heroku-integration-service-mesh-buildpack/{}", world_.buildpack_version),
                      .trust_roots = roots,
                      .proxies = settings.proxies,
                      .on_proxy = [this](std::string_view proxy) {
                        world_.console.detail(fmt::format("Connecting through the proxy {}", proxy));
                      }});
  transport_.emplace(*http_, world_.clock, world_.console, settings.limits);
}

Result<void> Build::install(const Settings& settings) {
  if (const auto binary = vendored_binary(world_.product, directories_.build, world_.files)) return adopt(settings, *binary);
  TRY_ASSIGN(const TemporaryDirectory staging, open_staging(directories_.build, world_.files));
  TRY_ASSIGN(const std::string version, acquire(settings, staging));
  if (!version.empty()) remember_version(version);
  world_.console.detail(fmt::format("Done! ({})", text::human_duration(record_.elapsed())));
  return {};
}

Result<std::string> Build::acquire(const Settings& settings, const TemporaryDirectory& staging) {
  const Workshop workshop{.files = world_.files,
                          .clock = world_.clock,
                          .console = world_.console,
                          .processes = world_.processes,
                          .transport = *transport_,
                          .cache = cache_,
                          .inventory = inventory_,
                          .record = record_,
                          .search_path = world_.environment.get("PATH").value_or("/usr/bin:/bin")};
  Acquisition acquisition(settings.release, staging.path(), settings.strictness, workshop);
  TRY_ASSIGN(const Acquired acquired, acquisition.run());
  const Layout layout = layout_of(world_.product);
  TRY(place({{acquired.path, layout.binary, 0755}}, staging.path(), acquired.binary.version,
            [&] { acquisition.keep(acquired, directories_.build / layout.binary); }));
  return acquired.binary.version;
}

// The program that the app brings is used as it is; what it is called by and found by is added.
Result<void> Build::adopt(const Settings& settings, const Path& binary) {
  record_.state(fact::kMeshSource, "vendored");
  world_.console.step(fmt::format("Using the {} that the app brings", title(world_.product)));
  const Path path = directories_.build / binary;
  TRY_ASSIGN(const auto program, record_.phase(Step::verify, [&] { return digest_file(path, world_.files); }));
  record_.state(fact::kMeshSha256, program.sha256.hex());
  record_.state(fact::kMeshBytes, static_cast<std::int64_t>(program.bytes));
  const auto& pin = settings.release.trust.pin;
  if (pin && *pin != program.sha256) {
    return Failure{Reason::verify_digest_mismatch,
                   fmt::format("expected {}, {} has {}", pin->hex(), binary.native(), program.sha256.hex())};
  }
  record_.state(fact::kMeshVerifiedBy, pin ? "sha256-pin" : "none");
  TRY(record_.phase(Step::inspect, [&] { return inspect(path, world_.files); }));
  if (!world_.files.is_executable(path)) TRY(world_.files.set_mode(path, 0755));
  world_.console.detail(
      fmt::format("{}: {}, SHA-256 {}", binary.native(), text::human_bytes(program.bytes), program.sha256.hex()));
  TRY_ASSIGN(const TemporaryDirectory staging, open_staging(directories_.build, world_.files));
  return place({}, staging.path(), "", [] {});
}

// Links that are ready to be placed beside the program.
Result<std::vector<PlacedFile>> Build::prepare_links(const Path& staging, std::string_view version) {
  std::vector<PlacedFile> links;
  const Layout layout = layout_of(world_.product);
  for (const std::string& name : alias_names(world_.product, version)) {
    const Path staged = staging / ("link-" + name);
    TRY(world_.files.make_link(staged, layout.binary.filename()));
    links.push_back({staged, layout.directory / name, 0, PlacedFile::Kind::alias});
  }
  return links;
}

// The profile script comes first: a program without it is the app's own.
Result<void> Build::place(const std::vector<PlacedFile>& programs, const Path& staging, std::string_view version,
                          const std::function<void()>& keep) {
  const Layout layout = layout_of(world_.product);
  if (!programs.empty()) world_.console.detail(fmt::format("Installing {}...", program(world_.product)));
  TRY_ASSIGN(const Placed placed, record_.phase(Step::place, [&]() -> Result<Placed> {
    TRY(world_.files.replace(staging / "profile", profile_script(world_.product)));
    TRY_ASSIGN(std::vector<PlacedFile> files, prepare_links(staging, version));
    files.insert(files.begin(), programs.begin(), programs.end());
    files.insert(files.begin(), {staging / "profile", layout.profile, 0644});
    auto result = mesh::place(files, directories_.build, staging, world_.files);
    if (result) keep();
    return result;
  }));
  for (const Path& path : placed.replaced) {
    world_.console.warning(fmt::format("There was a file {} already. It was replaced.", path.native()));
  }
  for (const Path& path : placed.kept) {
    world_.console.warning(fmt::format("There is a file {} already. It was left as it is.", path.native()));
  }
  world_.console.detail(fmt::format("Installed {} ({})", layout.binary.native(), took(Step::place)));
  return {};
}

// What is found is said before it ends a strict build.
Result<void> Build::check_procfile(const Settings& settings) {
  TRY_ASSIGN(const Checkup checkup, record_.phase(Step::procfile, [&]() -> Result<Checkup> { return examine(app_); }));
  const auto mistakes = checkup.mistakes();
  record_.state(fact::kProcfileWeb, std::string(name(checkup.web)));
  record_.state(fact::kProcfileFindingsCount, static_cast<std::int64_t>(mistakes.size()));
  if (!mistakes.empty()) record_.state(fact::kProcfileFindings, fmt::format("{}", fmt::join(mistakes, ",")));
  advise(checkup, took(Step::procfile), world_.console);
  if (settings.strictness == Strictness::lenient || mistakes.empty()) return {};
  return Failure{Reason::procfile_strict, fmt::format("{}", fmt::join(mistakes, ", "))};
}

void Build::remember_version(const std::string& tag) {
  const auto& facts = record_.content().facts;
  const auto previous = facts.find(std::string(fact::kMeshVersionPrevious.key));
  if (previous == facts.end()) return;
  const std::string& former = std::get<std::string>(previous->second);
  record_.state(fact::kMeshVersionChanged, former != tag);
  if (former != tag) world_.console.detail(fmt::format("The last build had {}", former));
}

// What is known before anything can fail.
void state_surroundings(const World& world, const RecordStore& store, Record& record) {
  record.answers(world.environment.get("REQUEST_ID").value_or(""));
  record.state(fact::kArch, std::string(kArchitecture));
  record.state(fact::kBuildpackVersion, std::string(world.buildpack_version));
  record.state(fact::kGeneration, "cedar");
  if (const auto stack = world.environment.get("STACK")) record.state(fact::kStack, *stack);
  const auto previous = store.load_previous();
  if (!previous) return;
  const auto version = previous->facts.find(std::string(fact::kMeshVersion.key));
  if (version != previous->facts.end()) record.state(fact::kMeshVersionPrevious, std::get<std::string>(version->second));
}

}  // namespace

Result<void> compile(const Directories& directories, World& world) {
  RecordStore store(world.files, directories.cache);
  Record record(store, world.clock, world.stopped);
  state_surroundings(world, store, record);
  Result<void> result;
  try {
    result = Build(directories, world, record).run();
  } catch (const std::exception& error) {
    result = Failure{Reason::internal_error_unhandled, text::printable_line(error.what(), 200)};
    record.fail_here(result.failure());
  }
  // A signal in the last step, or in one that fails for it, is what ended the build.
  if (world.stopped()) {
    result = Failure{Reason::build_interrupted, fmt::format("while in step: {}", name(record.content().step))};
  }
  if (!result) record.fail(result.failure());
  record.finish();
  return result;
}

}  // namespace mesh::cedar
