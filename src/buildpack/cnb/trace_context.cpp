#include "buildpack/cnb/trace_context.h"

#include "common/text.h"

namespace mesh::buildpack::cnb {

std::vector<std::string_view> trace_variables() { return {"CNB_OTEL_TRACEPARENT", "TRACEPARENT"}; }

std::optional<Traceparent> trace_context(const ConfigVars& platform, const Environment& environment) {
  for (const std::string_view name : trace_variables()) {
    auto value = platform.in_directory(name);
    if (!value) value = environment.get(name);
    if (value) return parse_traceparent(text::trim(*value));
  }
  return std::nullopt;
}

}  // namespace mesh::buildpack::cnb
