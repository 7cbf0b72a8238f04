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

// The record of the running build. It is kept in memory, and written to a journal before and after every step and at the
// end, so that even a killed build has a record that names its step.
class Record {
 public:
  // Starts the build's time. `stopped` returns whether the build was asked to stop. Borrows the others.
  Record(Journal& journal, Clock& clock, std::function<bool()> stopped);

  // Sets the names that replace paths in the details of later failures.
  void use(PathNames names) { names_ = std::move(names); }

  // Sets a fact. Later values replace earlier ones. The journal receives it with the next step.
  template <class T>
  void state(Fact<T> fact, std::type_identity_t<T> value) {
    record_.facts.insert_or_assign(std::string(fact.key), Value(std::move(value)));
  }

  // Runs and times one step of the build; returns the result of `work`. If the build is being stopped, the step does not
  // begin, and returns build::interrupted. A step's failure ends the build only if it is passed to `fail`.
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

  // Sets the failure that ended the build, for the last step that failed. Ignores all but the first.
  void fail(const Failure&);
  // Sets the failure that ended the build, for the last step that began. For failures outside of any step's work.
  void fail_here(const Failure&);

  // Sets the status of a bin/detect that found no use for the mesh. Does nothing after a failure.
  void decline();

  // Ends the record with success, unless another status is set.
  void finish();

  // Returns the total duration of the finished runs of the step.
  Duration time_in(Step) const;

  // Returns the Unix time of the build's start.
  Duration unix_start() const { return unix_start_; }

  // Returns the time since the build's start.
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
