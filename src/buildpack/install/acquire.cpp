#include "buildpack/install/acquire.h"

#include <fmt/format.h>

#include "buildpack/install/inspect.h"
#include "buildpack/install/smoke_run.h"
#include "common/text.h"

namespace mesh::buildpack {
namespace {

constexpr ArchiveLimits kLimits;

bool may_fall_back(Reason reason) { return entry(reason).fallback == Fallback::may_fall_back; }

std::string_view refetch_text(Reason reason) {
  if (reason == Reason::archive_corrupt) return "The archive is corrupt: downloading it again";
  return "Verification failed: downloading the release again, in case it was being replaced";
}

std::string origin(const Downloaded& downloaded) { return downloaded.host.empty() ? "this machine" : downloaded.host; }

}  // namespace

Acquisition::Acquisition(const ReleaseRequest& request, Path directory, Strictness strictness, const AcquireContext& context)
    : request_(request),
      directory_(std::move(directory)),
      strictness_(strictness),
      context_(context),
      source_(make_source(request, context.transport, context.console)),
      verification_(request, context.inventory, context.cache, context.transport, context.files, context.processes,
                    context.search_path),
      download_(context.transport, context.clock, context.console, kLimits, packaging_of(request.product)),
      key_{std::string(name(request.product)), source_->identity(),
           request.version.is_latest() ? "latest" : request.version.tags.front(), std::string(name(request.architecture))} {}

std::string Acquisition::took(Step step) const { return text::human_duration(context_.record.time_in(step)); }

Result<Acquired> Acquisition::run() {
  TRY_ASSIGN(auto cached, look_up());
  if (cached && is_pinned()) {
    TRY_ASSIGN(auto hit, use(*cached, "hit"));
    if (hit) return *std::move(hit);
    cached.reset();
  }
  auto fetched = fetch(cached);
  if (fetched || !cached || strictness_ == Strictness::strict || !may_fall_back(fetched.failure().reason)) return fetched;
  return fall_back(*cached, fetched.failure());
}

Result<std::optional<CachedBinary>> Acquisition::look_up() {
  return context_.record.phase(Step::cache, [&]() -> Result<std::optional<CachedBinary>> {
    context_.record.state(fact::kCacheStatus, context_.cache.is_enabled() ? "miss" : "disabled");
    auto cached = context_.cache.find(key_);
    if (cached && !verification_.still_trusts(*cached)) cached.reset();
    return cached;
  });
}

// Returns nullopt if the binary is missing or corrupt.
Result<std::optional<Acquired>> Acquisition::use(const CachedBinary& cached, std::string_view status) {
  const Path path = directory_ / "cached";
  TRY_ASSIGN(const auto taken, context_.record.phase(Step::cache, [&]() -> Result<BinaryCache::Taken> {
    return context_.cache.take(cached, path);
  }));
  if (taken == BinaryCache::Taken::corrupt) {
    context_.record.state(fact::kCacheStatus, "corrupt");
    context_.console.detail("The cached binary is corrupt: downloading it again");
  }
  if (taken != BinaryCache::Taken::intact) return std::optional<Acquired>();

  context_.record.state(fact::kCacheStatus, std::string(status));
  context_.console.step(fmt::format("Reusing cached {} binary", title(request_.product)));
  context_.console.detail(fmt::format("{}, SHA-256 {}, verified by: {} ({})",
                                      cached.version.empty() ? "Latest release" : cached.version, cached.sha256.hex(),
                                      cached.verified_by, took(Step::cache)));
  Acquired acquired{.binary = cached, .path = path};
  if (request_.trust.pin) acquired.binary.verified_by = "sha256-pin";
  state(acquired.binary);
  TRY(inspect(acquired));
  return std::optional(std::move(acquired));
}

Result<Acquired> Acquisition::fall_back(const CachedBinary& cached, const Failure& failure) {
  auto fallback = use(cached, "stale");
  if (!fallback || !*fallback) return failure;
  const FailureEntry& row = entry(failure.reason);
  context_.console.warning(
      fmt::format("{} ({})\n{}\nUsing the cached fallback instead: {}. To fail the build, set HEROKU_SERVICE_MESH_STRICT=1.",
                  row.headline, row.id, text::printable_line(failure.detail, 200),
                  cached.version.empty() ? "SHA-256 " + cached.sha256.hex() : cached.version));
  return **std::move(fallback);
}

Result<Plan> Acquisition::resolve() {
  TRY_ASSIGN(Plan plan, context_.record.phase(Step::resolve, [&] { return source_->resolve(); }));
  const std::string& tag = plan.candidates.front().tag;
  if (request_.version.is_latest() && tag != "latest") context_.record.state(fact::kMeshVersion, tag);
  return plan;
}

Result<Acquired> Acquisition::fetch(std::optional<CachedBinary>& cached) {
  TRY_ASSIGN(const Plan plan, resolve());
  const Artifact& first = plan.candidates.front();
  if (cached && cached->version == first.tag) {
    TRY_ASSIGN(auto same, use(*cached, "revalidated"));
    if (same) return *std::move(same);
    cached.reset();
  }
  const bool is_latest = request_.version.is_latest();
  context_.console.step(fmt::format("Installing version \"{}\" of {}...", first.tag, title(request_.product)));
  context_.console.detail(fmt::format("{} of {} ({})", is_latest ? "Latest release" : "Pinned release",
                                      source_->description(), took(Step::resolve)));
  const bool is_same_place = cached && cached->url == first.url.redacted();
  TRY_ASSIGN(auto received, receive(plan, is_same_place ? cached->validator : ""));
  if (received) return *std::move(received);
  TRY_ASSIGN(auto same, use(*cached, "revalidated"));
  if (same) return *std::move(same);
  cached.reset();
  TRY_ASSIGN(received, receive(plan, ""));
  return *std::move(received);
}

// Returns nullopt if the validator still matches.
Result<std::optional<Acquired>> Acquisition::receive(const Plan& first_plan, const std::string& validator) {
  Plan plan = first_plan;
  bool used_fallback_plan = false;
  for (bool is_second_try = false;;) {
    TRY_ASSIGN(auto arrival, open_arrival());
    TRY_ASSIGN(const Arrived arrived, download(plan, is_second_try || used_fallback_plan ? "" : validator, *arrival));
    if (std::holds_alternative<Unchanged>(arrived)) return std::optional<Acquired>();
    if (std::holds_alternative<NotFound>(arrived)) {
      if (used_fallback_plan) {
        return Failure{Reason::download_not_found, plan.candidates.front().url.redacted()};
      }
      used_fallback_plan = true;
      TRY_ASSIGN(plan, context_.record.phase(Step::resolve, [&] { return source_->resolve_fallback(plan); }));
      continue;
    }
    const Downloaded& downloaded = std::get<Downloaded>(arrived);
    const auto trusted = verify(downloaded, *arrival);
    auto acquired = trusted ? unpack(downloaded, *trusted, std::move(arrival)) : Result<Acquired>(trusted.failure());
    if (!acquired && entry(acquired.failure().reason).retry == Retry::refetch && !is_second_try) {
      is_second_try = true;
      context_.console.detail(refetch_text(acquired.failure().reason));
      continue;
    }
    if (!acquired) return std::move(acquired).failure();
    TRY(inspect(*acquired));
    return std::optional(*std::move(acquired));
  }
}

Result<std::unique_ptr<Arrival>> Acquisition::open_arrival() {
  const Path directory = directory_ / fmt::format("arrival-{}", ++arrivals_);
  TRY(context_.files.make_directories(directory));
  return Arrival::open(context_.files, directory, packaging_of(request_.product), kLimits, program(request_.product));
}

Result<Arrived> Acquisition::download(const Plan& plan, const std::string& validator, Arrival& arrival) {
  Record& record = context_.record;
  context_.console.detail(fmt::format("Downloading {}...", program(request_.product)));
  const Beginning begins = [&](const Artifact& artifact, std::optional<std::uint64_t> bytes) {
    verification_.begin(artifact, bytes, arrival);
  };
  auto result =
      record.phase(Step::download, [&] { return download_.run(plan, *source_, validator, arrival.file(), begins); });
  record.state(fact::kDownloadAttempts, download_.effort().attempts);
  record.state(fact::kDownloadBytes, static_cast<std::int64_t>(download_.effort().bytes));
  TRY_ASSIGN(Arrived arrived, std::move(result));
  if (const auto* downloaded = std::get_if<Downloaded>(&arrived)) {
    const std::string& tag = downloaded->artifact.tag;
    if (tag != "latest") record.state(fact::kMeshVersion, tag);
    if (!downloaded->host.empty()) record.state(fact::kDownloadHost, downloaded->host);
    context_.console.detail(fmt::format("Downloaded {} of {} from {} ({})", text::human_bytes(downloaded->bytes), tag,
                                        origin(*downloaded), took(Step::download)));
  }
  return arrived;
}

Result<Trusted> Acquisition::verify(const Downloaded& downloaded, Arrival& arrival) {
  TRY_ASSIGN(Trusted trusted, context_.record.phase(Step::verify, [&] { return verification_.check(downloaded, arrival); }));
  context_.console.detail(fmt::format("{} ({})", trusted.text, took(Step::verify)));
  return trusted;
}

Result<Acquired> Acquisition::unpack(const Downloaded& downloaded, const Trusted& trusted,
                                     std::unique_ptr<Arrival> arrival) {
  TRY_ASSIGN(const UnpackedBinary unpacked,
             context_.record.phase(Step::unpack, [&] { return arrival->finish(downloaded.sha256); }));
  if (packaging_of(request_.product) == Packaging::archive) {
    context_.console.detail(fmt::format("Unpacked {} ({})", text::human_bytes(unpacked.bytes), took(Step::unpack)));
  }
  const std::string& tag = downloaded.artifact.tag;
  Acquired acquired{.binary = {.key = key_,
                               .version = tag == "latest" ? trusted.version : tag,
                               .url = downloaded.artifact.url.redacted(),
                               .validator = downloaded.validator,
                               .downloaded = downloaded.sha256,
                               .sha256 = unpacked.sha256,
                               .bytes = unpacked.bytes,
                               .verified_by = trusted.by,
                               .fingerprint = trusted.key ? trusted.key->fingerprint : ""},
                    .path = arrival->binary_path()};
  acquired.arrival = std::move(arrival);
  if (trusted.key && trusted.key->trust == KeyTrust::first_use) acquired.key_place = trusted.key_place;
  state(acquired.binary);
  return acquired;
}

void Acquisition::state(const CachedBinary& binary) {
  Record& record = context_.record;
  record.state(fact::kMeshVerifiedBy, binary.verified_by);
  record.state(fact::kMeshBytes, static_cast<std::int64_t>(binary.bytes));
  record.state(fact::kMeshSha256, binary.sha256.hex());
  if (!binary.version.empty()) record.state(fact::kMeshVersion, binary.version);
}

Result<void> Acquisition::inspect(Acquired& acquired) {
  auto inspected = context_.record.phase(Step::inspect, [&]() -> Result<void> {
    TRY(buildpack::inspect(acquired.path, request_.architecture, context_.files));
    return acquired.arrival && request_.architecture == kArchitecture ? smoke_test(acquired) : Result<void>();
  });
  if (!inspected) return inspected;
  context_.console.detail(
      fmt::format("Inspected the binary: Linux executable for {} ({})", name(request_.architecture), took(Step::inspect)));
  return {};
}

// Starts a new binary once. A failure is only a warning by default, because the binary may still run in the dyno.
Result<void> Acquisition::smoke_test(Acquired& acquired) {
  TRY(context_.files.set_mode(acquired.path, 0755));
  acquired.arrival->close();
  TRY_ASSIGN(const SmokeRun run, smoke_run(request_.product, acquired.path, context_.files, context_.processes));
  if (run.version && acquired.binary.version.empty()) {
    acquired.binary.version = *run.version;
    state(acquired.binary);
  }
  if (run.passed) return {};
  if (strictness_ == Strictness::strict) return Failure{Reason::binary_smoke_failed, run.outcome};
  context_.console.warning(fmt::format("The service mesh failed its smoke test: {}.", run.outcome));
  return {};
}

void keep(const Acquired& acquired, const Path& path, BinaryCache& cache) {
  cache.keep(acquired.binary, path);
  if (!acquired.key_place.empty()) cache.remember_key(acquired.key_place, acquired.binary.fingerprint);
}

}  // namespace mesh::buildpack
