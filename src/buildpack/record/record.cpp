#include "buildpack/record/record.h"

#include "common/text.h"

namespace mesh::buildpack {
namespace {

constexpr std::size_t kMaxDetail = 400;  // characters; the report prints fewer

}  // namespace

Record::Record(Journal& journal, Clock& clock, std::function<bool()> stopped)
    : journal_(journal), clock_(clock), stopped_(std::move(stopped)), start_(clock.now()), unix_start_(clock.unix_time()) {
  journal_.begin(unix_start_);
}

std::string Record::detail_of(const Failure& failure) const {
  return text::printable_line(names_.shorten(failure.detail), kMaxDetail);
}

void Record::enter(Step step) {
  record_.step = step;
  record_.phases.push_back({step, elapsed()});
  journal_.save(record_);
}

void Record::leave() {
  PhaseRun& run = record_.phases.back();
  run.duration = elapsed() - run.begin;
  journal_.save(record_);
}

void Record::leave(const Failure& failure) {
  PhaseRun& run = record_.phases.back();
  run.failure = PhaseFailure{std::string(entry(failure.reason).id), detail_of(failure)};
  failed_step_ = run.step;
  leave();
}

void Record::fail(const Failure& failure) { fail(failure, failed_step_.value_or(record_.step)); }

void Record::fail_here(const Failure& failure) { fail(failure, record_.step); }

void Record::fail(const Failure& failure, Step step) {
  if (record_.status != BuildStatus::running) return;
  if (failure.reason == Reason::build_interrupted) {
    record_.status = BuildStatus::interrupted;
    return;
  }
  const FailureEntry& row = entry(failure.reason);
  record_.status = BuildStatus::failure;
  record_.failure = RecordedFailure{std::string(row.id), std::string(name(row.classification)), detail_of(failure), step};
}

void Record::decline() {
  if (record_.status == BuildStatus::running) record_.status = BuildStatus::declined;
}

void Record::finish() {
  if (record_.status == BuildStatus::running) {
    record_.status = BuildStatus::success;
    record_.step = Step::done;
  }
  record_.total = elapsed();
  journal_.save(record_);
}

Duration Record::time_in(Step step) const {
  Duration sum{};
  for (const PhaseRun& run : record_.phases) {
    if (run.step == step && run.duration) sum += *run.duration;
  }
  return sum;
}

}  // namespace mesh::buildpack
