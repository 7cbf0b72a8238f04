#include <algorithm>

#include "cnb/earlier_processes.h"
#include "cnb/launch.h"
#include "cnb/wrap.h"
#include "fuzz/fuzz.h"
#include "support/memory_files.h"

// What other buildpacks leave behind: a launch.toml, which is the order of the buildpacks as well, and the Procfile.
namespace mesh::fuzz {
namespace {

using namespace cnb;

void check_list(const std::vector<Process>& processes) {
  MUST(std::ranges::adjacent_find(processes, std::ranges::greater_equal(), &Process::type) == processes.end());
  MUST(std::ranges::count(processes, true, &Process::is_default) <= 1);
  for (const Process& process : processes) MUST(!process.type.empty() && !process.command.empty());
}

// What is written is read again as the same.
void check_written(const std::vector<Process>& processes) {
  MemoryFiles files;
  files.put_directory("/layers/own");
  files.put_file("/layers/a/launch.toml", launch_toml(processes, {}));
  const EarlierProcesses again = earlier_processes("/layers/own", files);
  MUST(again.warnings.empty());
  MUST(again.processes.all() == processes);
}

// Each type either starts behind the mesh then, or did before.
void check_wrapped(const ProcessList& processes, Product product, const procfile::App& app) {
  WrapChoice choice;
  for (const Process& process : processes.all()) choice.types.push_back(process.type);
  const Wrapping once = wrap(processes, choice, product, app);
  MUST(once.warnings.empty());
  MUST(once.processes.size() + once.notes.size() == choice.types.size());
  ProcessList result = processes;
  for (const Process& process : once.processes) result.add(process);
  MUST(wrap(result, choice, product, app).processes.empty());
}

void check(std::string_view input) {
  MemoryFiles files;
  files.put_directory("/layers/own");
  files.put_file("/layers/group.toml", std::string(input));
  files.put_file("/layers/a/launch.toml", std::string(input));
  files.put_file("/layers/b/launch.toml", std::string(input.substr(input.size() / 2)));
  procfile::App app;
  app.read = [&](std::string_view) { return std::optional(std::string(input)); };
  app.list = [](std::string_view) { return std::vector<std::string>(); };

  const EarlierProcesses earlier = earlier_processes("/layers/own", files);
  for (const std::string& warning : earlier.warnings) MUST(is_printable_line(warning));
  check_list(earlier.processes.all());
  check_written(earlier.processes.all());
  const ProcessList all = with_procfile(earlier.processes, app);
  check_list(all.all());
  check_wrapped(all, input.size() % 2 == 0 ? Product::applink : Product::integration, app);

  const auto choice = parse_wrap(input);
  MUST(choice || area(choice.failure()) == "config");
  MUST(choice || is_printable_line(choice.failure().detail));
}

}  // namespace
}  // namespace mesh::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mesh::fuzz::check(mesh::fuzz::as_text(data, size));
  return 0;
}
