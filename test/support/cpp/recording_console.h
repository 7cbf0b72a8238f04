#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "platform/console.h"

namespace mesh {

// Keeps the build log, each call one entry behind a word for its kind: "step: ", "detail: ", "warning: ", "error: ",
// "plain: ".
class RecordingConsole final : public Console {
 public:
  void step(std::string_view line) override { add("step: ", line); }
  void detail(std::string_view line) override { add("detail: ", line); }
  void warning(std::string_view lines) override { add("warning: ", lines); }
  void error(std::string_view lines) override { add("error: ", lines); }
  void plain(std::string_view line) override { add("plain: ", line); }

  const std::vector<std::string>& entries() const { return entries_; }

  // How many entries hold the text.
  long count(std::string_view text) const {
    return std::ranges::count_if(entries_, [&](const std::string& entry) { return entry.find(text) != std::string::npos; });
  }

 private:
  void add(std::string_view kind, std::string_view text) { entries_.push_back(std::string(kind).append(text)); }

  std::vector<std::string> entries_;
};

}  // namespace mesh
