#include "buildpack/cli/cli.h"

#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <optional>
#include <string_view>
#include <vector>

#include "buildpack/cedar/compile.h"
#include "buildpack/cedar/detect.h"
#include "buildpack/cedar/report.h"
#include "buildpack/cnb/build.h"
#include "buildpack/cnb/detect.h"
#include "buildpack/cnb/trace_context.h"
#include "buildpack/cnb/trace_journal.h"
#include "buildpack/release/settings.h"
#include "buildpack/report/message.h"
#include "common/text.h"
#include "common/traceparent.h"
#include "platform/curl_http.h"
#include "platform/disk_files.h"
#include "platform/file_http.h"
#include "platform/library_memory.h"
#include "platform/posix_processes.h"
#include "platform/stop_signal.h"
#include "platform/system_clock.h"
#include "platform/system_entropy.h"
#include "platform/terminal_console.h"

namespace mesh::buildpack::cli {
namespace {

using Arguments = std::span<const char* const>;

constexpr std::string_view kBuildpackVersion = MESH_BUILDPACK_VERSION;

// The Cloud Native lifecycle's exit code for a buildpack that has nothing to do (spec, buildpack.md, "Detection").
constexpr int kDoesNotApply = 100;

constexpr std::string_view kUsage =
    "Usage: mesh-buildpack detect BUILD_DIR\n"
    "       mesh-buildpack detect PLATFORM_DIR PLAN\n"
    "       mesh-buildpack compile BUILD_DIR CACHE_DIR ENV_DIR\n"
    "       mesh-buildpack test-compile BUILD_DIR CACHE_DIR ENV_DIR\n"
    "       mesh-buildpack build LAYERS_DIR PLATFORM_DIR PLAN\n"
    "       mesh-buildpack report BUILD_DIR CACHE_DIR ENV_DIR\n"
    "       mesh-buildpack doctor APP_DIR [--env DIR] [--product integration|applink] [--format text|json]\n"
    "       mesh-buildpack --version";

Path working_directory() {
  std::error_code error;
  const Path path = std::filesystem::current_path(error);
  return error ? Path(".") : path;
}

// Returns the path as an absolute one, for programs that start in another directory.
std::optional<Path> argument(Arguments arguments, std::size_t index) {
  if (index >= arguments.size() || *arguments[index] == '\0') return std::nullopt;
  return working_directory() / arguments[index];
}

// Uses the network for web addresses and the disk for file: addresses.
class RealHttp final : public Http {
 public:
  RealHttp(CurlHttpSettings settings, const StopSignal& stop, Files& files)
      : network_(std::move(settings), stop), file_(files) {}

  common::Result<HttpResponse> send(const HttpRequest& request, HttpSink& sink) override {
    return request.url.is_file() ? file_.send(request, sink) : network_.send(request, sink);
  }

 private:
  CurlHttp network_;
  FileHttp file_;
};

// The values that a phase starts from.
struct Start {
  Arguments arguments;
  Path buildpack_directory;
  Environment environment;
};

// How a phase ended: its exit code or its failure, and the product that the failure is about.
struct Ending {
  Result<int> exit_code;
  Product product = Product::integration;
};

using Phase = Ending (*)(const Start&, const World&);

Ending ending_of(BuildOutcome outcome) {
  if (!outcome.result) return {std::move(outcome.result).failure(), outcome.product};
  return {0};
}

// Returns the values of a build whose config vars are in `vars`.
BuildContext context_of(const Start& start, Environment environment, const ConfigVars& vars, std::string trace_id) {
  return {.buildpack_version = kBuildpackVersion,
          .buildpack_directory = start.buildpack_directory,
          .environment = std::move(environment),
          .config_vars = vars,
          .trace_id = std::move(trace_id)};
}

// Opens the trace of a phase of a Cloud Native build.
cnb::TraceJournal trace(TracedPhase phase, const Start& start, const ConfigVars& platform, Files& files) {
  const BuildpackIdentity identity{.id = MESH_BUILDPACK_ID,
                                   .name = MESH_BUILDPACK_NAME,
                                   .version = MESH_BUILDPACK_VERSION,
                                   .homepage = MESH_BUILDPACK_HOMEPAGE};
  SystemEntropy entropy;
  return {cnb::kTraceDirectory, phase, identity, cnb::trace_context(platform, start.environment), files, entropy};
}

Result<int> cloud_native_detect(const Start& start, const World& world) {
  TRY_ASSIGN(const cnb::Inputs inputs, cnb::detect_inputs(start.arguments, working_directory(), start.environment));
  const ConfigVars vars(inputs.env(), start.environment, world.files);
  auto journal = trace(TracedPhase::detect, start, vars, world.files);
  const BuildContext context = context_of(start, start.environment, vars, journal.trace_id());
  TRY_ASSIGN(const cnb::Detection detection, cnb::detect(inputs, context, world, journal));
  return detection == cnb::Detection::applies ? 0 : kDoesNotApply;
}

Result<int> classic_detect(const Start& start, const World& world) {
  const auto build = argument(start.arguments, 0);
  if (!build) return Failure{Reason::platform_bad_arguments, "bin/detect BUILD_DIR"};
  TRY(cedar::detect(*build, world));
  return 0;
}

Ending detect(const Start& start, const World& world) {
  const bool is_cloud_native = cnb::is_cloud_native_detect(start.arguments, start.environment, world.files);
  return {is_cloud_native ? cloud_native_detect(start, world) : classic_detect(start, world)};
}

// Returns the trace id of a classic build: that of the platform if the environment contains one (OpenTelemetry, environment
// variables as context carriers), otherwise a new one.
std::string trace_id(const Environment& environment) {
  const auto context = parse_traceparent(text::trim(environment.get("TRACEPARENT").value_or("")));
  if (context) return context->trace_id;
  SystemEntropy entropy;
  return random_id(entropy, kTraceIdBytes);
}

Ending compile(const Start& start, const World& world) {
  const auto build = argument(start.arguments, 0);
  if (!build) return {Failure{Reason::platform_bad_arguments, "bin/compile BUILD_DIR CACHE_DIR ENV_DIR"}};
  const cedar::Directories directories{*build, argument(start.arguments, 1), argument(start.arguments, 2)};
  const ConfigVars vars(directories.env, start.environment, world.files);
  const BuildContext context = context_of(start, start.environment, vars, trace_id(start.environment));
  return ending_of(cedar::compile(directories, context, world));
}

Ending build(const Start& start, const World& world) {
  const auto inputs = cnb::build_inputs(start.arguments, working_directory(), start.environment);
  if (!inputs) return {inputs.failure()};
  const ConfigVars vars(inputs->env(), start.environment, world.files);
  auto journal = trace(TracedPhase::build, start, vars, world.files);
  const Environment environment = cnb::with_platform(start.environment, vars);
  const BuildContext context = context_of(start, environment, vars, journal.trace_id());
  return ending_of(cnb::build(*inputs, run_check(), context, world, journal));
}

// Names the buildpack's directory to a helper that was fetched (libexec/fetch-helper.sh), which may be anywhere.
constexpr std::string_view kDirectory = "MESH_BUILDPACK_DIRECTORY";

// Returns the directory of the buildpack that the helper belongs to. One that was not fetched is two levels down:
// libexec/linux-amd64/, or build/release/ in a checkout.
Path buildpack_directory(const Path& program, const Environment& environment) {
  if (const auto directory = environment.get(kDirectory)) return *directory;
  return program.parent_path() / ".." / "..";
}

std::vector<std::string_view> known_variables() {
  std::vector<std::string_view> names = known_environment_variables();
  names.insert(names.end(), {"TMPDIR", kDirectory});
  for (const auto& more : {cnb::lifecycle_variables(), cnb::trace_variables()}) {
    names.insert(names.end(), more.begin(), more.end());
  }
  return names;
}

// Runs a phase in the real world.
int run_phase(Phase phase, Arguments arguments, const Path& program) {
  const StopSignal stop;
  const Environment environment = Environment::capture(known_variables());
  watch_openssl_memory();
  ::clearenv();  // libraries have variables of their own, such as the one that makes TLS write its keys to a file
  DiskFiles files;
  SystemClock clock(stop);
  TerminalConsole console;
  PosixProcesses processes(stop);
  const World world{.files = files,
                    .processes = processes,
                    .clock = clock,
                    .console = console,
                    .connect = [&](CurlHttpSettings settings) -> std::unique_ptr<Http> {
                      return std::make_unique<RealHttp>(std::move(settings), stop, files);
                    },
                    .stopped = [&stop] { return stop.requested(); }};

  const auto [exit_code, product] = phase({arguments, buildpack_directory(program, environment), environment}, world);
  if (exit_code) return *exit_code;
  console.error("\n" + message(exit_code.failure(), product) + "\n");
  if (stop.requested()) stop.deliver();
  return 1;
}

int report(Arguments arguments) {
  DiskFiles files;
  const std::string text = cedar::report({argument(arguments, 0).value_or(Path()), argument(arguments, 1)},
                                         kBuildpackVersion, Environment::capture({"REQUEST_ID", "STACK", "TMPDIR"}), files);
  TerminalConsole().plain(std::string_view(text).substr(0, text.size() - 1));
  return 0;
}

int usage(int exit_code) {
  TerminalConsole console;
  if (exit_code == 0) {
    console.plain(kUsage);
  } else {
    console.error(kUsage);
  }
  return exit_code;
}

int dispatch(Arguments arguments, const Path& program) {
  const std::string_view phase = arguments.empty() ? "" : arguments[0];
  if (phase == "--version") {
    TerminalConsole().plain(fmt::format("mesh-buildpack {}", kBuildpackVersion));
    return 0;
  }
  if (phase == "--help") return usage(0);
  if (phase == "detect") return run_phase(detect, arguments.subspan(1), program);
  if (phase == "compile" || phase == "test-compile") return run_phase(compile, arguments.subspan(1), program);
  if (phase == "build") return run_phase(build, arguments.subspan(1), program);
  if (phase == "report") return report(arguments.subspan(1));
  if (phase == "doctor") return doctor(arguments.subspan(1));
  return usage(2);
}

}  // namespace

int run(Arguments arguments) {
  occupy_standard_streams();
  try {
    if (arguments.empty()) return usage(2);
    return dispatch(arguments.subspan(1), arguments[0]);
  } catch (const std::exception& error) {
    TerminalConsole().error(message(error_of(error)));
    return 1;
  }
}

}  // namespace mesh::buildpack::cli
