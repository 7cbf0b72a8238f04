#include "buildpack/pipeline/build.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <exception>

#include "buildpack/install/inspect.h"
#include "buildpack/install/layout.h"
#include "buildpack/pipeline/advice.h"
#include "buildpack/verify/digest_file.h"
#include "common/text.h"

namespace mesh::buildpack {
namespace {

// Returns the reason for a vendored mesh binary that corresponds to this reason for a downloaded one.
Reason vendored_reason(Reason reason) {
  switch (reason) {
    case Reason::binary_wrong_format: return Reason::vendored_not_a_program;
    case Reason::binary_wrong_architecture:
    case Reason::binary_missing_interpreter:
    case Reason::binary_glibc_too_old: return Reason::vendored_cannot_run;
    default: return reason;
  }
}

// Returns the product that the record states; nullopt if the build ended before it was chosen.
std::optional<Product> product_in(const BuildRecord& record) {
  const auto product = record.facts.find(std::string(fact::kMeshProduct.key));
  return product == record.facts.end() ? std::nullopt : parse_product(std::get<std::string>(product->second));
}

}  // namespace

std::string Build::took(Step step) const { return text::human_duration(record_.time_in(step)); }

std::optional<Path> Build::vendored() const { return vendored_binary(prepared_.product, site_.app, world_.files); }

Result<CachedBinary> Build::adopt(const Path& binary, const Path& file) {
  record_.state(fact::kMeshSource, "vendored");
  world_.console.step(fmt::format("Using the {} that the app brings", title(prepared_.product)));
  TRY_ASSIGN(const auto program, record_.phase(Step::verify, [&] { return digest_file(file, world_.files); }));
  record_.state(fact::kMeshSha256, program.sha256.hex());
  record_.state(fact::kMeshBytes, static_cast<std::int64_t>(program.bytes));
  TRY(record_.phase(Step::inspect, [&] { return inspect_vendored(binary, file); }));
  const auto& pin = prepared_.settings.release.trust.pin;
  if (pin && *pin != program.sha256) {
    return Failure{Reason::vendored_digest_mismatch,
                   fmt::format("expected {}, {} has {}", pin->hex(), binary.native(), program.sha256.hex())};
  }
  const std::string verified_by = pin ? "sha256-pin" : "none";
  record_.state(fact::kMeshVerifiedBy, verified_by);
  world_.console.detail(
      fmt::format("{}: {}, SHA-256 {}", binary.native(), text::human_bytes(program.bytes), program.sha256.hex()));
  return CachedBinary{.key = {std::string(name(prepared_.product)), "vendored", binary.native(), *prepared_.app.arch},
                      .version = {},
                      .url = {},
                      .validator = {},
                      .downloaded = program.sha256,
                      .sha256 = program.sha256,
                      .bytes = program.bytes,
                      .verified_by = verified_by,
                      .fingerprint = {}};
}

Result<void> Build::inspect_vendored(const Path& binary, const Path& file) {
  const auto inspected = inspect(file, site_.architecture, world_.files);
  if (inspected) return {};
  const Failure& failure = inspected.failure();
  const Reason reason = vendored_reason(failure.reason);
  if (reason == failure.reason) return failure;
  return Failure{reason, fmt::format("{}: {}", binary.native(), failure.detail)};
}

Result<Acquired> Build::acquire(const Path& directory) {
  const AcquireContext context{.files = world_.files,
                               .clock = world_.clock,
                               .console = world_.console,
                               .processes = world_.processes,
                               .transport = prepared_.transport,
                               .cache = cache_,
                               .inventory = prepared_.inventory,
                               .record = record_,
                               .search_path = context_.environment.get("PATH").value_or("/usr/bin:/bin")};
  return Acquisition(prepared_.settings.release, directory, prepared_.settings.strictness, context).run();
}

void Build::compare_with_previous(const std::string& version) {
  const auto& facts = record_.content().facts;
  const auto previous = facts.find(std::string(fact::kMeshVersionPrevious.key));
  if (previous == facts.end() || version.empty()) return;
  const std::string& former = std::get<std::string>(previous->second);
  record_.state(fact::kMeshVersionChanged, former != version);
  if (former != version) world_.console.detail(fmt::format("The last build had {}", former));
}

Result<doctor::Checkup> Build::examine(const std::function<doctor::Checkup()>& doctor) {
  TRY_ASSIGN(doctor::Checkup checkup, record_.phase(Step::procfile, [&]() -> Result<doctor::Checkup> { return doctor(); }));
  const auto mistakes = checkup.mistakes();
  record_.state(fact::kProcfileWeb, std::string(name(checkup.web)));
  record_.state(fact::kProcfileFindingsCount, static_cast<std::int64_t>(mistakes.size()));
  if (!mistakes.empty()) record_.state(fact::kProcfileFindings, fmt::format("{}", fmt::join(mistakes, ",")));
  return checkup;
}

// Logs the findings before they end a strict build.
Result<void> Build::advise(const doctor::Checkup& checkup) {
  buildpack::advise(checkup, took(Step::procfile), world_.console);
  const auto mistakes = checkup.mistakes();
  if (prepared_.settings.strictness == Strictness::lenient || mistakes.empty()) return {};
  return Failure{Reason::procfile_strict, fmt::format("{}", fmt::join(mistakes, ", "))};
}

void state_surroundings(const BuildContext& context, Architecture architecture, std::string_view generation,
                        Record& record) {
  record.state(fact::kArch, std::string(name(architecture)));
  record.state(fact::kBuildpackVersion, std::string(context.buildpack_version));
  record.state(fact::kGeneration, std::string(generation));
  record.state(fact::kStartedAt, text::rfc3339(record.unix_start()));
  record.state(fact::kTraceId, context.trace_id);
}

BuildOutcome run_build(const World& world, Record& record, const std::function<Result<void>()>& build) {
  Result<void> result;
  try {
    result = build();
  } catch (const std::exception& error) {
    result = error_of(error);
    record.fail_here(result.failure());
  }
  // A signal ended the build even if it came in the last step, or in a step that failed for another reason.
  if (world.stopped()) {
    result = Failure{Reason::build_interrupted, fmt::format("while in step: {}", name(record.content().step))};
  }
  if (!result) record.fail(result.failure());
  record.finish();
  return {.result = std::move(result), .product = product_in(record.content()).value_or(Product::integration)};
}

}  // namespace mesh::buildpack
