#include "buildpack/cnb/detect.h"

#include <fmt/format.h>

#include "buildpack/pipeline/build.h"
#include "common/text.h"

namespace mesh::buildpack::cnb {
Result<Detection> detect(const Inputs& inputs, const BuildContext& context, const World& world, Journal& journal) {
  Record record(journal, world.clock, world.stopped);
  record.use(names_of(inputs, context.buildpack_directory));
  state_surroundings(context, kArchitecture, "fir", record);
  state_target(inputs, record);
  if (!inputs.is_supported()) {
    world.console.detail(fmt::format("The service mesh is not released for {} on {}.",
                                     text::printable_line(inputs.system, 40),
                                     text::printable_line(inputs.architecture, 40)));
    record.decline();
    record.finish();
    return Detection::does_not_apply;
  }
  const BuildOutcome outcome = run_build(world, record, [&]() -> Result<void> {
    if (const auto names = world.files.list(inputs.app); !names) {
      return Failure{Reason::platform_build_directory, names.failure().detail};
    }
    world.console.plain("Heroku Integration Service Mesh");
    return {};
  });
  TRY(outcome.result);
  return Detection::applies;
}

}  // namespace mesh::buildpack::cnb
