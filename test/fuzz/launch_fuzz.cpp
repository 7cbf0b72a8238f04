#include <algorithm>
#include <iterator>

#include "buildpack/cnb/earlier_processes.h"
#include "buildpack/cnb/launch.h"
#include "buildpack/cnb/wrap.h"
#include "fuzz/fuzz.h"
#include "support/cpp/memory_files.h"

// Fuzzes the files of other buildpacks: a launch.toml, which is also the order of the buildpacks, and the Procfile.
namespace mesh::buildpack::fuzz {
namespace {

using namespace cnb;

void check_list(const std::vector<Process>& processes) {
  MUST(std::ranges::adjacent_find(processes, std::ranges::greater_equal(), &Process::type) == processes.end());
  MUST(std::ranges::count(processes, true, &Process::is_default) <= 1);
  for (const Process& process : processes) MUST(!process.type.empty() && !process.command.empty());
}

// Checks that the written file parses to the same processes.
void check_written(const std::vector<Process>& processes) {
  MemoryFiles files;
  files.put_directory("/layers/own");
  std::vector<Process> written;
  std::ranges::copy_if(processes, std::back_inserter(written), [](const Process& p) { return !p.is_shell_with_arguments; });
  files.put_file("/layers/a/launch.toml", launch_toml(written, {}));
  const EarlierProcesses again = earlier_processes("/layers/own", files);
  MUST(again.warnings.empty());
  MUST(again.processes.all() == written);
}

// Checks that each type starts behind the mesh now, or did before.
void check_wrapped(const ProcessList& declared, Product product, const procfile::App& app) {
  ProcessList all = declared;
  const ProcessList own = procfile_of(app);
  for (const Process& process : own.all()) all.add(process);
  check_list(all.all());
  WrapChoice choice;
  for (const Process& process : all.all()) choice.types.push_back(process.type);
  const Wrapping once = wrap(declared, choice, product, app);
  MUST(once.behind_mesh.size() + once.notes.size() + once.warnings.size() == choice.types.size());
  ProcessList result = declared;
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
  check_wrapped(earlier.processes, input.size() % 2 == 0 ? Product::applink : Product::integration, app);

  const auto choice = parse_wrap(input);
  MUST(choice || area(choice.failure()) == "config");
  MUST(choice || is_printable_line(choice.failure().detail));
}

}  // namespace
}  // namespace mesh::buildpack::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mesh::buildpack::fuzz::check(mesh::buildpack::fuzz::as_text(data, size));
  return 0;
}
