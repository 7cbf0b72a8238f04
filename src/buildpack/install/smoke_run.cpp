#include "buildpack/install/smoke_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/text.h"

namespace mesh::buildpack {
namespace {

constexpr std::chrono::seconds kLimit{5};
constexpr std::string_view kSearchPath = "/usr/bin:/bin";

std::optional<std::string> version_in(std::string_view output) {
  for (const std::string_view line : text::split(output, '\n')) {
    for (const std::string_view word : text::split(text::trim(line), ' ')) {
      std::string_view number = word.substr(word.starts_with('v') ? 1 : 0);
      const bool is_version = number.find('.') != std::string_view::npos && text::is_digit(number.front()) &&
                              number.size() <= 40 && text::is_alphanumeric_or(".+-", number);
      if (is_version) return "v" + std::string(number);
    }
  }
  return std::nullopt;
}

std::string describe(const ProgramEnd& end) {
  std::string outcome = "it did not exit";
  if (end.signal != 0) outcome = fmt::format("it was killed by signal {}", end.signal);
  if (end.exit_code) outcome = fmt::format("it exited with status {}", *end.exit_code);
  if (end.timed_out) outcome = fmt::format("it timed out after {} s", kLimit.count());
  const std::string_view output = text::trim(end.errors).empty() ? text::trim(end.output) : text::trim(end.errors);
  if (output.empty()) return outcome;
  return fmt::format("{}: {}", outcome, text::printable_line(text::redact(text::first_line(output)), 120));
}

// Returns the smoke test of the Integration mesh. Its command line is a command to start (its main.go), and it requires the
// add-on's config vars.
Program integration_smoke_test(const Path& binary, Files& files) {
  Program program{.file = binary, .limit = kLimit};
  program.arguments = {find_program("true", kSearchPath, files).value_or("/bin/true").native()};
  program.environment = {"HEROKU_INTEGRATION_TOKEN=x", "HEROKU_INTEGRATION_API_URL=http://127.0.0.1:9", "PORT=0",
                         "APP_PORT=9"};
  return program;
}

}  // namespace

Result<SmokeRun> smoke_run(Product product, const Path& binary, Files& files, Processes& processes) {
  Program program{.file = binary, .arguments = {"-v"}, .limit = kLimit};
  if (product == Product::integration) program = integration_smoke_test(binary, files);
  program.environment.insert(program.environment.end(), {"PATH=/usr/bin:/bin", "HOME=/nonexistent"});
  const auto end = processes.run(program);
  const bool is_about_program =
      end || (end.failure().kind != ErrorKind::cancelled && end.failure().kind != ErrorKind::out_of_resources);
  if (!is_about_program) return end.failure();
  if (!end) return SmokeRun{.outcome = text::printable_line(end.failure().detail, 160)};
  SmokeRun run{.passed = end->succeeded(), .outcome = describe(*end)};
  if (run.passed && product == Product::applink) run.version = version_in(end->output);
  return run;
}

}  // namespace mesh::buildpack
