#pragma once

#include <array>
#include <deque>
#include <functional>
#include <string>
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
    TRY(read_input(program));
    if (scripts_.empty()) return ProgramEnd{.exit_code = 0};
    const Script script = std::move(scripts_.front());
    scripts_.pop_front();
    return script(program);
  }

  // Returns the standard input of each program.
  const std::vector<std::string>& inputs() const { return inputs_; }

  // Returns the programs that were run, in order.
  const std::vector<Program>& programs() const { return programs_; }

 private:
  Result<void> read_input(const Program& program) {
    std::string& input = inputs_.emplace_back();
    std::array<std::byte, 1000> buffer;
    while (program.input) {
      TRY_ASSIGN(const auto count, program.input(buffer));
      if (!count) return Error{ErrorKind::cancelled, program.file.native()};
      if (*count == 0) break;
      input.append(reinterpret_cast<const char*>(buffer.data()), *count);
    }
    return {};
  }

  std::deque<Script> scripts_;
  std::vector<Program> programs_;
  std::vector<std::string> inputs_;
};

}  // namespace mesh
