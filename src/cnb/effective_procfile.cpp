#include "cnb/effective_procfile.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "procfile/procfile.h"

namespace mesh::cnb {
namespace {

constexpr std::string_view kProcfile = "Procfile";

std::string line_of(const Process& process) { return fmt::format("{}: {}\n", process.type, command_line(process)); }

// The lines keep their numbers.
std::string rewritten(std::string_view text, const std::vector<Process>& wrapped) {
  const auto entries = procfile::parse_procfile(text);
  std::string result;
  std::size_t number = 0;
  for (const std::string_view line : text::split(text, '\n')) {
    ++number;
    const auto entry = std::ranges::find(entries, number, &procfile::Entry::line);
    const auto process =
        entry == entries.end() ? wrapped.end() : std::ranges::find(wrapped, process_type(entry->name), &Process::type);
    result += process == wrapped.end() ? fmt::format("{}\n", line) : entry->lead + command_line(*process) + "\n";
  }
  result.pop_back();
  return result;
}

// Those of types that the Procfile does not name.
std::string further_lines(const std::string& procfile, const ProcessList& processes) {
  const auto entries = procfile::parse_procfile(procfile);
  std::string lines;
  for (const Process& process : processes.all()) {
    const bool is_named =
        std::ranges::any_of(entries, [&](const procfile::Entry& entry) { return process_type(entry.name) == process.type; });
    if (!is_named) lines += line_of(process);
  }
  return lines;
}

}  // namespace

procfile::App with_effective_procfile(const procfile::App& app, const ProcessList& declared,
                                      const std::vector<Process>& wrapped) {
  const std::string text = app.read(kProcfile).value_or("");
  ProcessList all = declared;
  for (const Process& process : wrapped) all.add(process);
  std::string effective = rewritten(text, wrapped);
  const std::string further = further_lines(text, all);
  if (!further.empty() && !effective.empty() && !effective.ends_with('\n')) effective += '\n';
  effective += further;
  if (effective == text) return app;
  procfile::App seen = app;
  seen.read = [read = app.read, effective](std::string_view path) {
    return path == kProcfile ? std::optional(effective) : read(path);
  };
  return seen;
}

}  // namespace mesh::cnb
