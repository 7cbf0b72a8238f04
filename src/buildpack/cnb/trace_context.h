#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "common/traceparent.h"
#include "platform/environment.h"
#include "platform/files.h"

namespace mesh::buildpack::cnb {

// The environment variables that are looked at.
std::vector<std::string_view> trace_variables();

// The trace that the platform does this build in: CNB_OTEL_TRACEPARENT (CNB RFC 0131), else TRACEPARENT (OpenTelemetry,
// environment variables as context carriers), each first as a file in the platform directory's `env`, where it is found even
// when the lifecycle clears the environment. The first that is set counts; when it is malformed there is none.
std::optional<Traceparent> trace_context(const Path& platform_directory, const Environment&, Files&);

}  // namespace mesh::buildpack::cnb
