#include "buildpack/cedar/report.h"

#include "buildpack/base/architecture.h"
#include "buildpack/record/path_names.h"
#include "buildpack/report/projection.h"
#include "buildpack/report/yaml.h"
#include "schema/fact.h"

namespace mesh::buildpack::cedar {
namespace {

// Returns the report of a build without a record. It has no status and no class, because the build may have succeeded.
Mapping without_record(const Failure& failure, const PathNames& names, std::string_view buildpack_version,
                       const Environment& environment) {
  Mapping mapping = {{std::string(fact::kArch.key), std::string(name(kArchitecture))},
                     {std::string(fact::kBuildpackVersion.key), std::string(buildpack_version)},
                     {std::string(fact::kGeneration.key), std::string("cedar")},
                     {"failure_detail", names.shorten(failure.detail)},
                     {"failure_reason", std::string(entry(failure.reason).id)}};
  if (const auto stack = environment.get("STACK")) mapping[std::string(fact::kStack.key)] = *stack;
  return mapping;
}

}  // namespace

std::string report(const Directories& directories, std::string_view buildpack_version, const Environment& environment,
                   Files& files) {
  const auto record = records_of(directories, environment, files).load();
  if (record) return to_yaml(project(*record));
  const PathNames names({{directories.cache.value_or(Path()), "CACHE_DIR"}});
  return to_yaml(without_record(record.failure(), names, buildpack_version, environment));
}

}  // namespace mesh::buildpack::cedar
