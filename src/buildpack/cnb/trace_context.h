#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "buildpack/release/config_vars.h"
#include "common/traceparent.h"
#include "platform/environment.h"

namespace mesh::buildpack::cnb {

// Returns the names of the environment variables that a trace context comes from.
std::vector<std::string_view> trace_variables();

// Returns the trace that the platform does this build in: CNB_OTEL_TRACEPARENT (CNB RFC 0131), else TRACEPARENT
// (OpenTelemetry, environment variables as context carriers), each first as a file in the platform directory's `env`, where
// it is found even if the lifecycle clears the environment. The first one that is set counts. Returns nullopt if none is set
// or that one is malformed.
std::optional<Traceparent> trace_context(const ConfigVars& platform, const Environment&);

}  // namespace mesh::buildpack::cnb
