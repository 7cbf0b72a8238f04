#include "cedar/compile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <exception>

#include "base/text.h"
#include "cedar/advice.h"
#include "install/download.h"
#include "install/inspect.h"
#include "install/place.h"
#include "install/staging.h"
#include "record/record.h"
#include "release/resolve.h"
#include "release/settings.h"

namespace mesh::cedar {
namespace {

using procfile::App;
using procfile::Checkup;

constexpr ArchiveLimits kLimits;

// One build: its directories, its outside, its record, and the connection it makes once it knows its settings.
class Build {
 public:
  Build(const Directories& directories, World& world, Record& record)
      : directories_(directories), world_(world), record_(record) {}

  Result<void> run() {
    TRY_ASSIGN(const Settings settings, settle());
    TRY_ASSIGN(const Plan plan, resolve(settings.release));
    TRY(install(settings.release, plan));
    return check_procfile(settings);
  }

 private:
  Result<Settings> settle();
  void connect(const Settings&);
  Result<Plan> resolve(const ReleaseRequest&);
  Result<void> install(const ReleaseRequest&, const Plan&);
  Result<Downloaded> download(const ReleaseRequest&, const Plan&, std::unique_ptr<Staging>&);
  Result<void> verify(const Downloaded&, const ReleaseRequest&);
  Result<void> unpack(Staging&);
  Result<void> place(const Staging&);
  Result<void> check_procfile(const Settings&);
  void remember_version(const std::string& tag);

  // A timed step of the record, which does not begin when the build is being stopped.
  template <std::invocable Work>
  std::invoke_result_t<Work> phase(Step step, Work&& work) {
    return record_.phase(step, [&]() -> std::invoke_result_t<Work> {
      if (world_.stopped()) return Failure{Reason::build_interrupted, ""};
      return std::forward<Work>(work)();
    });
  }

  std::string took(Step step) const { return text::human_duration(record_.time_in(step)); }

  const Directories& directories_;
  World& world_;
  Record& record_;
  std::unique_ptr<Http> http_;
  std::optional<Transport> transport_;
};

Result<Settings> Build::settle() {
  return phase(Step::settings, [&]() -> Result<Settings> {
    if (const auto names = world_.files.list(directories_.build); !names) {
      return Failure{Reason::platform_build_directory, names.failure().detail};
    }
    TRY_ASSIGN(Settings settings, read_settings(directories_.env, world_.environment, world_.files));
    record_.state(fact::kMeshSource, settings.release.source);
    record_.state(fact::kMeshVersionRequested, settings.release.version.text);
    record_.state(fact::kMeshVersionPinned, !settings.release.version.is_latest());
    connect(settings);
    return settings;
  });
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
                      .proxies = settings.proxies});
  transport_.emplace(*http_, world_.clock, world_.console, settings.limits);
}

Result<Plan> Build::resolve(const ReleaseRequest& request) {
  TRY_ASSIGN(Plan plan, phase(Step::resolve, [&] { return mesh::resolve(request, *transport_); }));
  const std::string& tag = plan.candidates.front().tag;
  if (request.version.is_latest()) record_.state(fact::kMeshVersion, tag);  // a pinned one may not exist
  world_.console.step(fmt::format("Installing version \"{}\" of Heroku Integration Service Mesh...", tag));
  world_.console.detail(fmt::format("{} of {}/{} at {} ({})",
                                    request.version.is_latest() ? "Latest release" : "Pinned release", request.owner,
                                    request.project, request.base.redacted(), took(Step::resolve)));
  return plan;
}

// The archive is unpacked while it arrives; the time of a phase is how long the build waited for it.
Result<void> Build::install(const ReleaseRequest& request, const Plan& plan) {
  std::unique_ptr<Staging> staging;
  TRY_ASSIGN(const Downloaded downloaded, download(request, plan, staging));
  TRY(verify(downloaded, request));
  TRY(unpack(*staging));
  TRY(phase(Step::inspect, [&] { return inspect(staging->binary_path(), world_.files); }));
  world_.console.detail(fmt::format("Checked that it is a program for {} ({})", kArchitecture, took(Step::inspect)));
  world_.console.detail(fmt::format("Installing {}...", kBinaryName));
  TRY(phase(Step::place, [&] { return place(*staging); }));
  world_.console.detail(fmt::format("Installed {} ({})", kBinaryTarget, took(Step::place)));
  remember_version(downloaded.artifact.tag);
  world_.console.detail(fmt::format("Done! ({})", text::human_duration(record_.elapsed())));
  return {};
}

Result<Downloaded> Build::download(const ReleaseRequest& request, const Plan& plan, std::unique_ptr<Staging>& staging) {
  world_.console.detail(fmt::format("Downloading {}...", kBinaryName));
  Download download(*transport_, world_.clock, world_.console, kLimits);
  const auto attempt = [&](const Plan& candidates) {
    auto result = phase(Step::download, [&]() -> Result<std::optional<Downloaded>> {
      if (!staging) {
        TRY_ASSIGN(staging, Staging::open(world_.files, directories_.build, kLimits, kBinaryName));
      }
      return download.run(candidates, staging->archive());
    });
    record_.state(fact::kDownloadAttempts, download.effort().attempts);
    record_.state(fact::kDownloadBytes, static_cast<std::int64_t>(download.effort().bytes));
    return result;
  };

  TRY_ASSIGN(auto found, attempt(plan));
  if (!found) {
    TRY_ASSIGN(const Plan listed, phase(Step::resolve, [&] { return resolve_through_api(request, plan, *transport_); }));
    TRY_ASSIGN(found, attempt(listed));
    if (!found) return Failure{Reason::download_not_found, listed.candidates.front().url.redacted()};
  }
  record_.state(fact::kMeshVersion, found->artifact.tag);
  if (!found->host.empty()) record_.state(fact::kDownloadHost, found->host);
  world_.console.detail(fmt::format("Downloaded {} of {} from {} ({})", text::human_bytes(found->bytes), found->artifact.tag,
                                    found->host.empty() ? "this machine" : found->host, took(Step::download)));
  return *std::move(found);
}

Result<void> Build::verify(const Downloaded& downloaded, const ReleaseRequest& request) {
  const auto expected = request.pin ? request.pin : downloaded.artifact.digest;
  const std::string_view by = request.pin ? "sha256-pin" : expected ? "release-digest" : "none";
  TRY(phase(Step::verify, [&]() -> Result<void> {
    if (!expected || *expected == downloaded.sha256) return {};
    return Failure{Reason::verify_digest_mismatch,
                   fmt::format("expected {}, got {} ({})", expected->hex(), downloaded.sha256.hex(), by)};
  }));
  record_.state(fact::kMeshVerifiedBy, std::string(by));
  if (expected) {
    world_.console.detail(fmt::format("SHA-256 is {}, as {} ({})", expected->hex(),
                                      request.pin ? "pinned" : "the release states", took(Step::verify)));
  } else {
    world_.console.detail(
        fmt::format("SHA-256 is {}; nothing to compare it with ({})", downloaded.sha256.hex(), took(Step::verify)));
  }
  return {};
}

Result<void> Build::unpack(Staging& staging) {
  TRY_ASSIGN(const UnpackedBinary binary, phase(Step::unpack, [&] { return staging.unpacked(); }));
  record_.state(fact::kMeshBytes, static_cast<std::int64_t>(binary.bytes));
  record_.state(fact::kMeshSha256, binary.sha256.hex());
  world_.console.detail(fmt::format("Unpacked {} ({})", text::human_bytes(binary.bytes), took(Step::unpack)));
  return {};
}

Result<void> Build::place(const Staging& staging) {
  const Path profile = staging.path() / "profile";
  TRY(world_.files.replace(profile, profile_script()));
  const std::vector<PlacedFile> placed = {{staging.binary_path(), kBinaryTarget, 0755}, {profile, kProfileTarget, 0644}};
  TRY_ASSIGN(const auto replaced, mesh::place(placed, directories_.build, staging.path(), world_.files));
  for (const Path& path : replaced) {
    world_.console.warning(fmt::format("There was a file {} already. It was replaced.", path.native()));
  }
  return {};
}

// What is found is said before it ends a strict build.
Result<void> Build::check_procfile(const Settings& settings) {
  const App app = app_in(directories_.build, directories_.env, world_.files);
  TRY_ASSIGN(const Checkup checkup, phase(Step::procfile, [&]() -> Result<Checkup> { return examine(app); }));
  const auto mistakes = checkup.mistakes();
  record_.state(fact::kProcfileWeb, std::string(name(checkup.web)));
  record_.state(fact::kProcfileFindingsCount, static_cast<std::int64_t>(mistakes.size()));
  if (!mistakes.empty()) record_.state(fact::kProcfileFindings, fmt::format("{}", fmt::join(mistakes, ",")));
  advise(checkup, took(Step::procfile), world_.console);
  if (!settings.strict || mistakes.empty()) return {};
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
  record.state(fact::kMeshProduct, "integration");
  if (const auto stack = world.environment.get("STACK")) record.state(fact::kStack, *stack);
  const auto previous = store.load_previous();
  if (!previous) return;
  const auto version = previous->facts.find(std::string(fact::kMeshVersion.key));
  if (version != previous->facts.end()) record.state(fact::kMeshVersionPrevious, std::get<std::string>(version->second));
}

}  // namespace

Result<void> compile(const Directories& directories, World& world) {
  RecordStore store(world.files, directories.cache);
  Record record(store, world.clock);
  state_surroundings(world, store, record);
  Result<void> result;
  try {
    result = Build(directories, world, record).run();
  } catch (const std::exception& error) {
    result = Failure{Reason::internal_error_unhandled, text::printable_line(error.what(), 200)};
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
