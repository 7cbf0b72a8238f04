#include "buildpack/pipeline/prepare.h"

#include <fmt/format.h>

#include "buildpack/doctor/product.h"
#include "buildpack/pipeline/advice.h"
#include "common/text.h"

namespace mesh::buildpack {
namespace {

// Returns the app with the product to install, which it states and logs.
Result<procfile::App> choose_product(const Site& site, const BuildContext& context, const World& world, Record& record) {
  procfile::App app = app_in(site.app, context.config_vars, world.files);
  app.arch = std::string(name(site.architecture));
  TRY_ASSIGN(app.product, read_product(context.config_vars));
  const doctor::ProductChoice choice = doctor::choose_product(app);
  app.product = choice.product;
  record.state(fact::kMeshProduct, std::string(name(choice.product)));
  world.console.step(fmt::format("{}: {}", title(choice.product), choice.reason));
  return app;
}

Result<Settings> state_settings(const Site& site, Product product, const BuildContext& context, Record& record) {
  TRY_ASSIGN(const std::string requested, read_requested_version(product, context.config_vars));
  if (!requested.empty()) record.state(fact::kMeshVersionRequested, requested);
  TRY_ASSIGN(Settings settings, read_settings(product, context.config_vars, context.environment));
  settings.release.architecture = site.architecture;
  record.state(fact::kMeshSource, std::string(settings.release.source()));
  record.state(fact::kMeshVersionPinned, !settings.release.version.is_latest());
  return settings;
}

std::unique_ptr<Http> connect(const Settings& settings, std::string_view buildpack_version, const World& world) {
  const TrustRoots roots = find_trust_roots(settings.trust_roots, world.files);
  for (const std::string& setting : roots.unusable) {
    world.console.warning(
        fmt::format("{} names no certificates that can be used here.\nThe ones of this machine are used instead.",
                    text::printable_line(setting, 200)));
  }
  return world.connect({.user_agent = fmt::format("heroku-integration-service-mesh-buildpack/{}", buildpack_version),
                        .trust_roots = roots,
                        .proxies = settings.proxies,
                        .on_proxy = [&console = world.console](std::string_view proxy) {
                          console.detail(fmt::format("Connecting through the proxy {}", proxy));
                        }});
}

}  // namespace

Result<Prepared> prepare(const Site& site, const BuildContext& context, const World& world, Record& record) {
  return record.phase(Step::settings, [&]() -> Result<Prepared> {
    if (const auto names = world.files.list(site.app); !names) {
      return Failure{Reason::platform_build_directory, names.failure().detail};
    }
    TRY_ASSIGN(procfile::App app, choose_product(site, context, world, record));
    const Product product = *app.product;
    TRY_ASSIGN(Settings settings, state_settings(site, product, context, record));
    TRY_ASSIGN(Inventory inventory, read_inventory(context.buildpack_directory, world.files));
    std::unique_ptr<Http> http = connect(settings, context.buildpack_version, world);
    Transport transport(*http, world.clock, world.console, settings.limits);
    return Prepared{std::move(settings),  product,         std::move(app),
                    std::move(inventory), std::move(http), std::move(transport)};
  });
}

}  // namespace mesh::buildpack
