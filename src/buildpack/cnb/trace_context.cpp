#include "buildpack/cnb/trace_context.h"

#include "common/text.h"

namespace mesh::buildpack::cnb {
namespace {

constexpr std::size_t kMaxBytes = 1024;  // of a file; later versions of the format may be longer than today's

// Its value, not empty.
std::optional<std::string> find(std::string_view name, const Path& platform_directory, const Environment& environment,
                                Files& files) {
  if (const auto content = files.read(platform_directory / "env" / name, kMaxBytes)) {
    if (const auto value = text::trim(*content); !value.empty()) return std::string(value);
  }
  return environment.get(name);
}

}  // namespace

std::vector<std::string_view> trace_variables() { return {"CNB_OTEL_TRACEPARENT", "TRACEPARENT"}; }

std::optional<Traceparent> trace_context(const Path& platform_directory, const Environment& environment, Files& files) {
  for (const std::string_view name : trace_variables()) {
    if (const auto value = find(name, platform_directory, environment, files)) return parse_traceparent(text::trim(*value));
  }
  return std::nullopt;
}

}  // namespace mesh::buildpack::cnb
