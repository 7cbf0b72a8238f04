#include "cnb/effective_procfile.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "procfile/procfile.h"

namespace mesh::cnb {
namespace {

constexpr std::string_view kProcfile = "Procfile";

std::string line_of(const Process& process) { return fmt::format("{}: {}\n", process.type, command_line(process)); }

std::string text_of(const std::vector<Process>& processes) {
  std::string text;
  for (const Process& process : processes) text += line_of(process);
  return text;
}

// The lines keep their numbers.
std::string rewritten(std::string_view text, const std::vector<Process>& wrapped) {
  const auto entries = procfile::parse_procfile(text);
  std::string result;
  std::size_t number = 0;
  for (const std::string_view line : text::split(text, '\n')) {
    ++number;
    const auto entry = std::ranges::find(entries, number, &procfile::Entry::line);
    const auto process =
        entry == entries.end() ? wrapped.end() : std::ranges::find(wrapped, text::lower(entry->name), &Process::type);
    result += process == wrapped.end() ? fmt::format("{}\n", line) : entry->lead + command_line(*process) + "\n";
  }
  result.pop_back();
  return result;
}

}  // namespace

procfile::App with_effective_procfile(const procfile::App& app, const ProcessList& declared,
                                      const std::vector<Process>& wrapped) {
  const auto text = app.read(kProcfile);
  if (text && wrapped.empty()) return app;
  ProcessList all = declared;
  for (const Process& process : wrapped) all.add(process);
  if (!text && all.all().empty()) return app;
  procfile::App seen = app;
  seen.read = [read = app.read, procfile = text ? rewritten(*text, wrapped) : text_of(all.all())](std::string_view path) {
    return path == kProcfile ? std::optional(procfile) : read(path);
  };
  return seen;
}

}  // namespace mesh::cnb
