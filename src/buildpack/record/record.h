#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "buildpack/base/failure.h"
#include "buildpack/record/journal.h"
#include "buildpack/record/path_names.h"
#include "platform/clock.h"
#include "schema/fact.h"

namespace mesh::buildpack {

// The record of the build that runs: kept in memory, and written to a journal before and after every step and at the end, so
// that a build which is killed still has one that names the step.
class Record {
 public:
  // Starts the build's time. `stopped` tells whether somebody asked the build to stop. Borrows the others.
  Record(Journal& journal, Clock& clock, std::function<bool()> stopped);

  // Uses these names in the details of failures from now on.
  void use(PathNames names) { names_ = std::move(names); }

  // Later values replace earlier ones. In the journal with the next step.
  template <class T>
  void state(Fact<T> fact, std::type_identity_t<T> value) {
    record_.facts.insert_or_assign(std::string(fact.key), Value(std::move(value)));
  }

  // Runs one step of the build under its name, timed; returns what `work` returns. A step does not begin, and gives
  // build::interrupted, when the build is being stopped. Its failure is not the build's before `fail` says so.
  template <std::invocable Work>
  std::invoke_result_t<Work> phase(Step step, Work&& work) {
    enter(step);
    auto result = [&]() -> std::invoke_result_t<Work> {
      if (stopped_()) return Failure{Reason::build_interrupted, ""};
      return std::forward<Work>(work)();
    }();
    if (result) {
      leave();
    } else {
      leave(result.failure());
    }
    return result;
  }

  // What ended the build; the first one stays. It belongs to the last step that failed.
  void fail(const Failure&);
  // The same for what came about outside of any step's work: it belongs to the last step that was entered.
  void fail_here(const Failure&);

  // bin/detect found that the app has no use for the mesh. Nothing where a failure came before.
  void decline();

  // Ends the record: success, unless something else was recorded.
  void finish();

  // How long the step ran so far in this build, all its runs together.
  Duration time_in(Step) const;

  // Returns the Unix time of the build's start.
  Duration unix_start() const { return unix_start_; }

  // Since the build's start.
  Duration elapsed() const { return clock_.now() - start_; }

  const BuildRecord& content() const { return record_; }

 private:
  void enter(Step);
  void leave();
  void leave(const Failure&);
  void fail(const Failure&, Step);
  std::string detail_of(const Failure&) const;

  Journal& journal_;
  Clock& clock_;
  std::function<bool()> stopped_;
  Moment start_;
  Duration unix_start_;
  PathNames names_;
  std::optional<Step> failed_step_;
  BuildRecord record_;
};

}  // namespace mesh::buildpack
