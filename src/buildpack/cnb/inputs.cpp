#include "buildpack/cnb/inputs.h"

#include <fmt/format.h>

#include <array>

#include "common/text.h"

namespace mesh::buildpack::cnb {
namespace {

using Arguments = std::span<const char* const>;

constexpr std::array<std::string_view, 4> kPlatformNames = {"SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_TIMEOUT",
                                                            "CURL_CONNECT_TIMEOUT"};

// Returns the directory that the environment names, else the argument at `index`, as an absolute path for programs that
// start in another directory.
Result<Path> directory(std::string_view name, const Environment& environment, Arguments arguments, std::size_t index,
                       const Path& working_directory) {
  if (const auto value = environment.get(name)) return working_directory / *value;
  if (index < arguments.size() && *arguments[index] != '\0') return working_directory / arguments[index];
  return Failure{Reason::platform_bad_arguments, fmt::format("{} is not set", name)};
}

std::string stack_of(const Environment& environment) {
  const auto distro = environment.get("CNB_TARGET_DISTRO_NAME");
  const auto version = environment.get("CNB_TARGET_DISTRO_VERSION");
  if (distro && version) return fmt::format("{}-{}", *distro, *version);
  return environment.get("CNB_STACK_ID").value_or(distro.value_or(""));
}

Inputs common_inputs(const Path& working_directory, const Path& platform, const Environment& environment) {
  return {.app = working_directory,
          .platform = platform,
          .system = environment.get("CNB_TARGET_OS").value_or("linux"),
          .architecture = environment.get("CNB_TARGET_ARCH").value_or(std::string(name(kArchitecture))),
          .stack = stack_of(environment)};
}

}  // namespace

std::vector<std::string_view> lifecycle_variables() {
  return {"CNB_PLATFORM_DIR", "CNB_LAYERS_DIR",         "CNB_BUILD_PLAN_PATH",       "CNB_TARGET_OS",
          "CNB_TARGET_ARCH",  "CNB_TARGET_DISTRO_NAME", "CNB_TARGET_DISTRO_VERSION", "CNB_STACK_ID"};
}

bool is_cloud_native_detect(Arguments arguments, const Environment& environment, Files& files) {
  if (arguments.size() == 2) {
    const auto plan = files.resolve(arguments[1]);
    return !plan || files.kind(*plan) != FileKind::directory;
  }
  return arguments.empty() && environment.get("CNB_PLATFORM_DIR").has_value();
}

Result<Inputs> detect_inputs(Arguments arguments, const Path& working_directory, const Environment& environment) {
  TRY_ASSIGN(const Path platform, directory("CNB_PLATFORM_DIR", environment, arguments, 0, working_directory));
  return common_inputs(working_directory, platform, environment);
}

Result<Inputs> build_inputs(Arguments arguments, const Path& working_directory, const Environment& environment) {
  TRY_ASSIGN(const Path layers, directory("CNB_LAYERS_DIR", environment, arguments, 0, working_directory));
  TRY_ASSIGN(const Path platform, directory("CNB_PLATFORM_DIR", environment, arguments, 1, working_directory));
  Inputs inputs = common_inputs(working_directory, platform, environment);
  inputs.layers = layers;
  return inputs;
}

PathNames names_of(const Inputs& inputs, const Path& buildpack_directory) {
  return PathNames({{inputs.app, "APP_DIR"},
                    {inputs.layers, "LAYERS_DIR"},
                    {inputs.platform, "PLATFORM_DIR"},
                    {buildpack_directory, "BUILDPACK_DIR"}});
}

void state_target(const Inputs& inputs, Record& record) {
  record.state(fact::kArch, text::printable_line(inputs.architecture, 40));
  if (!inputs.stack.empty()) record.state(fact::kStack, text::printable_line(inputs.stack, 80));
}

Environment with_platform(const Environment& environment, const ConfigVars& platform) {
  Environment result = environment;
  for (const std::string_view name : kPlatformNames) {
    if (const auto value = platform.in_directory(name)) result = result.with(name, *value);
  }
  return result;
}

}  // namespace mesh::buildpack::cnb
