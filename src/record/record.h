#pragma once

#include <concepts>
#include <utility>

#include "base/failure.h"
#include "platform/clock.h"
#include "record/fact.h"
#include "record/record_store.h"

namespace mesh {

// The record of the build that runs: kept in memory, and on disk before every step and at the end, so that a build which is
// killed still has one that names the step.
class Record {
 public:
  // Starts the build's time. Borrows both.
  Record(RecordStore& store, Clock& clock);

  // Names the build request that this build answers, so that the record is not taken for that of another build.
  void answers(std::string request) { record_.request = std::move(request); }

  // Later values replace earlier ones. On disk with the next step.
  template <class T>
  void state(Fact<T> fact, std::type_identity_t<T> value) {
    record_.facts.insert_or_assign(std::string(fact.key), Value(std::move(value)));
  }

  // Runs one step of the build under its name, timed; returns what `work` returns. A failure is recorded; the first one of
  // a build stays.
  template <std::invocable Work>
  auto phase(Step step, Work&& work) {
    enter(step);
    auto result = std::forward<Work>(work)();
    leave();
    if (!result) fail(result.failure());
    return result;
  }

  // Also for failures outside any phase.
  void fail(const Failure&);

  // Ends the record: success, unless a failure was recorded.
  void finish();

  // How long the step ran so far in this build, all its runs together.
  Duration time_in(Step) const;

  // Since the build's start.
  Duration elapsed() const { return clock_.now() - start_; }

  const BuildRecord& content() const { return record_; }

 private:
  void enter(Step);
  void leave();

  RecordStore& store_;
  Clock& clock_;
  Moment start_;
  BuildRecord record_;
};

}  // namespace mesh
