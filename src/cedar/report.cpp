#include "cedar/report.h"

#include "base/architecture.h"
#include "record/fact.h"
#include "record/record_store.h"
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

// The record of the build that the platform asks about. One of another request is what a build left that could not write its
// own: it was killed at its very start, or may not write there.
Result<BuildRecord> record_of_build(const RecordStore& store, const Environment& environment) {
  auto record = store.load();
  const auto request = environment.get("REQUEST_ID");
  if (record && request && !record->request.empty() && record->request != *request) {
    return Failure{Reason::record_missing, "the last record is of another build"};
  }
  return record;
}

}  // namespace

std::string report(const std::optional<Path>& cache_directory, std::string_view buildpack_version,
                   const Environment& environment, Files& files) {
  const auto record = record_of_build(RecordStore(files, cache_directory), environment);
  return to_yaml(record ? project(*record) : without_record(record.failure(), buildpack_version, environment));
}

}  // namespace mesh::cedar
