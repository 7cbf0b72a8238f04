#include "schema/build_record.h"

#include <array>

#include "common/json.h"
#include "schema/fact.h"

namespace mesh {
inline namespace schema {
namespace {

// Increased when a reader of the previous format would misread the new one.
constexpr int kFormat = 1;

constexpr std::array<std::string_view, 5> kStatusNames = {"running", "success", "failure", "interrupted", "declined"};

std::optional<BuildStatus> parse_status(std::string_view text) {
  for (std::size_t i = 0; i < kStatusNames.size(); ++i) {
    if (kStatusNames[i] == text) return static_cast<BuildStatus>(i);
  }
  return std::nullopt;
}

Json to_json(const PhaseRun& run) {
  Json json = {{"step", name(run.step)}, {"begin_ns", run.begin.count()}};
  if (run.duration) json["duration_ns"] = run.duration->count();
  if (run.failure) json["failure"] = {{"reason", run.failure->reason}, {"detail", run.failure->detail}};
  return json;
}

std::optional<PhaseFailure> parse_phase_failure(const Json& json) {
  const auto reason = member<std::string>(json, "reason");
  const auto detail = member<std::string>(json, "detail");
  if (!reason || !detail) return std::nullopt;
  return PhaseFailure{*reason, *detail};
}

std::optional<PhaseRun> parse_phase(const Json& json) {
  const auto step = parse_step(member<std::string>(json, "step").value_or(""));
  const auto begin = member<std::int64_t>(json, "begin_ns");
  if (!step || !begin) return std::nullopt;
  PhaseRun run{*step, Duration(*begin)};
  if (const auto duration = member<std::int64_t>(json, "duration_ns")) run.duration = Duration(*duration);
  if (const auto failure = json.find("failure"); failure != json.end()) run.failure = parse_phase_failure(*failure);
  return run;
}

Json to_json(const RecordedFailure& failure) {
  return {{"reason", failure.reason},
          {"classification", failure.classification},
          {"detail", failure.detail},
          {"step", name(failure.step)}};
}

std::optional<RecordedFailure> parse_failure(const Json& json) {
  const auto step = parse_step(member<std::string>(json, "step").value_or(""));
  const auto reason = member<std::string>(json, "reason");
  const auto classification = member<std::string>(json, "classification");
  const auto detail = member<std::string>(json, "detail");
  if (!step || !reason || !classification || !detail) return std::nullopt;
  return RecordedFailure{*reason, *classification, *detail, *step};
}

Origin parse_origin(const Json& json) {
  Origin origin{.request = member<std::string>(json, "request").value_or(""),
                .directory = member<std::string>(json, "directory").value_or("")};
  if (const auto changed = member<std::int64_t>(json, "directory_changed_ns")) origin.changed_at = Duration(*changed);
  return origin;
}

std::optional<Value> parse_fact(const FactRow& row, const Json& facts) {
  switch (row.type) {
    case FactType::string: return member<std::string>(facts, row.key);
    case FactType::integer: return member<std::int64_t>(facts, row.key);
    case FactType::boolean: return member<bool>(facts, row.key);
  }
  return std::nullopt;
}

}  // namespace

std::string serialize(const BuildRecord& record) {
  Json facts = Json::object();
  for (const auto& fact : record.facts) {
    std::visit([&](const auto& plain) { facts[fact.first] = plain; }, fact.second);
  }
  Json phases = Json::array();
  for (const PhaseRun& run : record.phases) phases.push_back(to_json(run));

  Json json = {{"format", kFormat},
               {"status", kStatusNames[static_cast<std::size_t>(record.status)]},
               {"step", name(record.step)},
               {"facts", std::move(facts)},
               {"phases", std::move(phases)}};
  if (record.total) json["total_ns"] = record.total->count();
  if (record.failure) json["failure"] = to_json(*record.failure);
  if (!record.origin.request.empty()) json["request"] = record.origin.request;
  if (!record.origin.directory.empty()) json["directory"] = record.origin.directory;
  if (record.origin.changed_at) json["directory_changed_ns"] = record.origin.changed_at->count();
  return write_json(json);
}

std::optional<BuildRecord> parse_record(std::string_view text) {
  const auto json = parse_json(text);
  if (!json || member<std::int64_t>(*json, "format") != kFormat) return std::nullopt;
  const auto status = parse_status(member<std::string>(*json, "status").value_or(""));
  const auto step = parse_step(member<std::string>(*json, "step").value_or(""));
  const auto facts = json->find("facts");
  const auto phases = json->find("phases");
  if (!status || !step || facts == json->end() || phases == json->end() || !phases->is_array()) return std::nullopt;

  BuildRecord record{*status, *step};
  for (const FactRow& row : kFactRows) {
    if (auto fact = parse_fact(row, *facts)) record.facts.insert_or_assign(std::string(row.key), *std::move(fact));
  }
  for (const Json& phase : *phases) {
    const auto run = parse_phase(phase);
    if (!run) return std::nullopt;
    record.phases.push_back(*run);
  }
  if (const auto total = member<std::int64_t>(*json, "total_ns")) record.total = Duration(*total);
  if (const auto failure = json->find("failure"); failure != json->end()) record.failure = parse_failure(*failure);
  record.origin = parse_origin(*json);
  return record;
}

}  // namespace schema
}  // namespace mesh
