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

// What the report can say of one key: its four types, and no others.
using Value = std::variant<std::string, std::int64_t, double, bool>;

// Sorted by key, as the report prints it.
using Mapping = std::map<std::string, Value>;

// `running` is what a killed build leaves behind; `declined` is what bin/detect says of an app that has no use for the mesh.
enum class BuildStatus { running, success, failure, interrupted, declined };

// Why a step ended without its result, in words as in RecordedFailure. The build may have got over it.
struct PhaseFailure {
  std::string reason;
  std::string detail;
};

// One run of a step. A step may run more than once in a build.
struct PhaseRun {
  Step step;
  Duration begin;                         // since the build's start
  std::optional<Duration> duration = {};  // nothing while it runs
  std::optional<PhaseFailure> failure = {};
};

// A failure as the record keeps it: in words, so that a later version of the buildpack can still report it.
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

// Everything a build has to say, as data. The record file holds exactly this.
struct BuildRecord {
  BuildStatus status = BuildStatus::running;
  Step step = Step::settings;  // last one entered
  Mapping facts = {};          // keys and types of kFactRows
  std::vector<PhaseRun> phases = {};
  std::optional<Duration> total = {};  // when the build ended by itself
  std::optional<RecordedFailure> failure = {};
  Origin origin = {};  // not reported
};

// The record file's format: one JSON object. `parse_record` gives nothing for anything but a whole record of this format;
// facts that this version does not know are left out.
std::string serialize(const BuildRecord&);
std::optional<BuildRecord> parse_record(std::string_view json);

}  // namespace schema
}  // namespace mesh
