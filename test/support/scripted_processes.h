#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "platform/processes.h"

namespace mesh {

// Programs that end by script, one after the other; without a script each succeeds and prints nothing.
class ScriptedProcesses final : public Processes {
 public:
  using Script = std::function<Result<ProgramEnd>(const Program&)>;

  void next(Script script) { scripts_.push_back(std::move(script)); }
  void next(ProgramEnd end) {
    next([end = std::move(end)](const Program&) -> Result<ProgramEnd> { return end; });
  }

  Result<ProgramEnd> run(const Program& program) override {
    programs_.push_back(program);
    if (scripts_.empty()) return ProgramEnd{.exit_code = 0};
    const Script script = std::move(scripts_.front());
    scripts_.pop_front();
    return script(program);
  }

  // What was run, in order.
  const std::vector<Program>& programs() const { return programs_; }

 private:
  std::deque<Script> scripts_;
  std::vector<Program> programs_;
};

}  // namespace mesh
