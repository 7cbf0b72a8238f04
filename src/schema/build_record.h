#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "platform/clock.h"
#include "schema/step.h"

namespace mesh {
inline namespace schema {

// The value of a report key.
using Value = std::variant<std::string, std::int64_t, double, bool>;

// Sorted by key, as the report prints it.
using Mapping = std::map<std::string, Value>;

// A killed build leaves `running`; bin/detect reports `declined` for an app that does not use the mesh.
enum class BuildStatus { running, success, failure, interrupted, declined };

// The failure of a step, in the form of RecordedFailure. The build may have succeeded nevertheless.
struct PhaseFailure {
  std::string reason;
  std::string detail;
};

// One run of a step. A step may run more than once in a build.
struct PhaseRun {
  Step step;
  Duration begin;                         // since the build's start
  std::optional<Duration> duration = {};  // nullopt while it runs
  std::optional<PhaseFailure> failure = {};
};

// A failure in a record. It contains texts instead of enumerators, so that a later version of the buildpack can report it.
struct RecordedFailure {
  std::string reason;          // FailureEntry::id
  std::string classification;  // name(FailureClass)
  std::string detail;
  Step step;
};

// Identifies the build of a record.
struct Origin {
  std::string request = {};    // the platform's id of the build request (REQUEST_ID); empty if it names none
  std::string directory = {};  // the app's
  std::optional<Duration> changed_at =
      {};  // the latest change in that directory when the record was written; see ChangeTimes
};

// All data of a build. The record file contains exactly these fields.
struct BuildRecord {
  BuildStatus status = BuildStatus::running;
  Step step = Step::settings;  // the last step that began
  Mapping facts = {};          // keys and types of kFactRows
  std::vector<PhaseRun> phases = {};
  std::optional<Duration> total = {};  // nullopt if the build was killed
  std::optional<RecordedFailure> failure = {};
  Origin origin = {};  // not reported
};

// Write and parse the record file, one JSON object. `parse_record` returns nullopt for a truncated or malformed record or
// another format. It ignores unknown facts.
std::string serialize(const BuildRecord&);
std::optional<BuildRecord> parse_record(std::string_view json);

}  // namespace schema
}  // namespace mesh
