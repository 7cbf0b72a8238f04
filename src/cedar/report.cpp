#include "cedar/report.h"

#include "base/architecture.h"
#include "record/fact.h"
#include "report/projection.h"
#include "report/yaml.h"

namespace mesh::cedar {
namespace {

// All that can be said when the build's own words are lost.
Mapping without_record(const Failure& failure, std::string_view buildpack_version, const Environment& environment) {
  const FailureEntry& row = entry(failure.reason);
  Mapping mapping = {{std::string(fact::kArch.key), std::string(name(kArchitecture))},
                     {std::string(fact::kBuildpackVersion.key), std::string(buildpack_version)},
                     {std::string(fact::kGeneration.key), std::string("cedar")},
                     {"failure_classification", std::string(name(row.classification))},
                     {"failure_detail", failure.detail},
                     {"failure_reason", std::string(row.id)}};
  if (const auto stack = environment.get("STACK")) mapping[std::string(fact::kStack.key)] = *stack;
  return mapping;
}

}  // namespace

std::string report(const Directories& directories, std::string_view buildpack_version, const Environment& environment,
                   Files& files) {
  const auto record = records_of(directories, environment, files).load();
  return to_yaml(record ? project(*record) : without_record(record.failure(), buildpack_version, environment));
}

}  // namespace mesh::cedar
