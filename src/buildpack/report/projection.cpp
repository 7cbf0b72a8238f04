#include "buildpack/report/projection.h"

namespace mesh::buildpack {
namespace {

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::string status_text(BuildStatus status) {
  switch (status) {
    case BuildStatus::success: return "success";
    case BuildStatus::failure: return "failure";
    case BuildStatus::declined: return "declined";
    case BuildStatus::running:
    case BuildStatus::interrupted: return "interrupted";
  }
  return "interrupted";
}

// Returns whether the report has a duration for the step: each phase that accesses the network, the archive or the app.
bool is_reported(Step step) { return step != Step::settings && step != Step::done; }

Mapping durations(const BuildRecord& record) {
  std::map<std::string, double> sums;
  for (const PhaseRun& run : record.phases) {
    if (is_reported(run.step) && run.duration) sums[std::string(name(run.step)) + "_duration"] += seconds(*run.duration);
  }
  Mapping mapping(sums.begin(), sums.end());
  if (record.total) mapping["total_duration"] = seconds(*record.total);
  return mapping;
}

}  // namespace

Mapping project(const BuildRecord& record) {
  Mapping mapping = record.facts;
  mapping["build_status"] = status_text(record.status);
  mapping["build_step"] = std::string(name(record.step));
  mapping.merge(durations(record));
  if (record.failure) {
    mapping["failure_reason"] = record.failure->reason;
    mapping["failure_classification"] = record.failure->classification;
    mapping["failure_detail"] = record.failure->detail;
    mapping["failure_step"] = std::string(name(record.failure->step));
  }
  return mapping;
}

}  // namespace mesh::buildpack
