#include "buildpack/cnb/build.h"

#include <fmt/format.h>

#include "buildpack/cnb/earlier_processes.h"
#include "buildpack/cnb/image.h"
#include "buildpack/cnb/launch.h"
#include "buildpack/cnb/layer.h"
#include "buildpack/cnb/layer_cache.h"
#include "buildpack/cnb/sbom.h"
#include "buildpack/cnb/wrap.h"
#include "buildpack/install/layout.h"
#include "buildpack/pipeline/build.h"
#include "buildpack/record/record.h"
#include "common/text.h"

namespace mesh::buildpack::cnb {
namespace {

// The processes that this buildpack declares, and those of the finished image.
struct ProcessPlan {
  std::vector<Process> declared;
  Image image;
};

// One Cloud Native build.
class CloudNativeBuild {
 public:
  CloudNativeBuild(const Inputs& inputs, std::string_view run_check, const BuildContext& context, const World& world,
                   Record& record, LayerCache& cache, Build& build)
      : inputs_(inputs),
        run_check_(run_check),
        context_(context),
        world_(world),
        record_(record),
        cache_(cache),
        build_(build) {}

  Result<void> run();

 private:
  Result<NewLayer> bring_in(const Path& staging);
  Result<NewLayer> bring_in_vendored(const Path& binary, const Path& staging);
  ProcessPlan plan_processes(WrapChoice) const;
  NewLayer complete(NewLayer, const ProcessPlan&, const doctor::Checkup&) const;
  Result<void> place(const NewLayer&, const ProcessPlan&, const Path& staging);
  Result<void> write(const NewLayer&, const ProcessPlan&, const Path& staging);
  Component component(const CachedBinary&) const;

  const Inputs& inputs_;
  std::string_view run_check_;
  const BuildContext& context_;
  const World& world_;
  Record& record_;
  LayerCache& cache_;
  Build& build_;
};

Result<void> CloudNativeBuild::run() {
  TRY_ASSIGN(const std::string wish, read_wrap(context_.config_vars));
  TRY_ASSIGN(const WrapChoice choice, parse_wrap(wish));
  TRY_ASSIGN(const TemporaryDirectory staging, open_staging(inputs_.layers, world_.files));
  TRY_ASSIGN(const NewLayer layer, bring_in(staging.path()));
  const ProcessPlan plan = plan_processes(choice);
  TRY_ASSIGN(const auto checkup, build_.examine([&] { return examine_image(plan.image, build_.app()); }));
  // A build that fails because of findings leaves the layer unchanged and fails in the step that found them.
  if (build_.settings().strictness == Strictness::strict && !checkup.mistakes().empty()) return build_.advise(checkup);
  TRY(place(complete(layer, plan, checkup), plan, staging.path()));
  build_.compare_with_previous(layer.binary.version);
  world_.console.detail(fmt::format("Done! ({})", text::human_duration(record_.elapsed())));
  return build_.advise(checkup);
}

Result<NewLayer> CloudNativeBuild::bring_in(const Path& staging) {
  if (const auto binary = build_.vendored()) return bring_in_vendored(*binary, staging);
  TRY_ASSIGN(const Acquired acquired, build_.acquire(staging));
  keep(acquired, acquired.path, cache_);
  return NewLayer{.program = acquired.path, .binary = acquired.binary, .product = build_.product()};
}

// Installs a copy of the mesh binary under the usual name.
Result<NewLayer> CloudNativeBuild::bring_in_vendored(const Path& binary, const Path& staging) {
  const Path copy = staging / "vendored";
  TRY(world_.files.duplicate(inputs_.app / binary, copy));
  TRY_ASSIGN(const CachedBinary known, build_.adopt(binary, copy));
  return NewLayer{.program = copy, .binary = known, .product = build_.product()};
}

ProcessPlan CloudNativeBuild::plan_processes(WrapChoice choice) const {
  const procfile::App& app = build_.app();
  const EarlierProcesses earlier = earlier_processes(inputs_.layers, world_.files);
  for (const std::string& warning : earlier.warnings) world_.console.warning(warning);
  const WrapChoice wish = choice;
  if (earlier.is_followed_by_procfile) {
    std::erase_if(choice.types, [own = procfile_of(app)](const std::string& type) { return own.find(type) != nullptr; });
  }
  const Wrapping wrapping = wrap(earlier.processes, choice, build_.product(), app);
  for (const std::string& note : wrapping.notes) world_.console.detail(note);
  for (const std::string& warning : wrapping.warnings) world_.console.warning(warning);
  return {wrapping.processes, image_of(earlier, wish, wrapping, app)};
}

Component CloudNativeBuild::component(const CachedBinary& binary) const {
  const ReleaseRequest& release = build_.settings().release;
  const bool is_usual = !release.mirror && (build_.product() == Product::applink ? release.bucket.name == Bucket().name
                                                                                 : release.repository.owner == "heroku");
  return {.product = build_.product(),
          .version = binary.version,
          .arch = std::string(name(build_.settings().release.architecture)),
          .sha256 = binary.sha256,
          .bytes = binary.bytes,
          .source = binary.url,
          .supplier = is_usual && !binary.url.empty() ? "Heroku" : ""};
}

Result<void> CloudNativeBuild::write(const NewLayer& layer, const ProcessPlan& plan, const Path& staging) {
  const Component component = this->component(layer.binary);
  TRY(write_layer(layer, inputs_.layers, staging, world_.files));
  TRY(world_.files.replace(inputs_.layers / kCycloneDxFile, cyclonedx_json(component)));
  TRY(world_.files.replace(inputs_.layers / kSpdxFile, spdx_json(component)));
  TRY(world_.files.replace(inputs_.layers / "launch.toml", launch_toml(plan.declared, labels_of(component))));
  return cache_.declare(layer.binary, context_.buildpack_version);
}

// Returns the layer with its aliases and mesh-check.
NewLayer CloudNativeBuild::complete(NewLayer layer, const ProcessPlan& plan, const doctor::Checkup& checkup) const {
  const Architecture architecture = build_.settings().release.architecture;
  layer.aliases = alias_names(layer.product, layer.binary.version, architecture);
  if (architecture == kArchitecture) layer.run_check = run_check_;
  layer.checked = {"web"};
  for (const Process& process : plan.declared) {
    if (process.type != "web") layer.checked.push_back(process.type);
  }
  layer.run_check_name = fmt::format("{}-{}{}", kLayer, name(layer.product), checkup.chooses_app_port ? "-own-port" : "");
  return layer;
}

Result<void> CloudNativeBuild::place(const NewLayer& layer, const ProcessPlan& plan, const Path& staging) {
  auto placed = record_.phase(Step::place, [&] { return write(layer, plan, staging); });
  if (!placed) return placed;
  world_.console.detail(
      fmt::format("Installed {} in the layer {} ({})", program(layer.product), kLayer, build_.took(Step::place)));
  for (const Process& process : plan.declared) {
    world_.console.detail(fmt::format("{} {} through the mesh: {}", process.type,
                                      plan.image.is_final ? "starts" : "is declared to start",
                                      text::printable_line(text::redact(command_line(process)), 200)));
  }
  return {};
}

void state_previous(const EarlierLayer& earlier, const World& world, Record& record) {
  if (!earlier.remark.empty()) world.console.detail(earlier.remark + " The mesh is installed again");
  const auto& binary = earlier.binary;
  if (binary && !binary->version.empty()) record.state(fact::kMeshVersionPrevious, binary->version);
}

}  // namespace

BuildOutcome build(const Inputs& inputs, std::string_view run_check, const BuildContext& context, const World& world,
                   Journal& journal) {
  Record record(journal, world.clock, world.stopped);
  record.use(names_of(inputs, context.buildpack_directory));
  state_surroundings(context, kArchitecture, "fir", record);
  state_target(inputs, record);
  return run_build(world, record, [&]() -> Result<void> {
    if (!inputs.is_supported()) {
      return Failure{Reason::platform_unsupported_target,
                     text::printable_line(fmt::format("{}/{}", inputs.system, inputs.architecture), 80)};
    }
    const Site site{inputs.app, parse_architecture(inputs.architecture).value_or(kArchitecture)};
    LayerCache cache(world.files, inputs.layers);
    state_previous(cache.earlier(), world, record);
    TRY_ASSIGN(Prepared prepared, prepare(site, context, world, record));
    Build build(site, context, world, record, cache, std::move(prepared));
    return CloudNativeBuild(inputs, run_check, context, world, record, cache, build).run();
  });
}

}  // namespace mesh::buildpack::cnb
