#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace mesh {
inline namespace schema {

enum class FactType { string, integer, boolean };

struct FactRow {
  std::string_view key;
  FactType type;
};

// The facts of a build. docs/report.md describes each key. BuildRecord stores status, steps, durations and failure
// separately.
inline constexpr std::array kFactRows = {
    FactRow{"arch", FactType::string},
    FactRow{"buildpack_version", FactType::string},
    FactRow{"cache_status", FactType::string},
    FactRow{"download_attempts", FactType::integer},
    FactRow{"download_bytes", FactType::integer},
    FactRow{"download_host", FactType::string},
    FactRow{"generation", FactType::string},
    FactRow{"procfile_findings", FactType::string},
    FactRow{"procfile_findings_count", FactType::integer},
    FactRow{"procfile_web", FactType::string},
    FactRow{"service_mesh_bytes", FactType::integer},
    FactRow{"service_mesh_product", FactType::string},
    FactRow{"service_mesh_sha256", FactType::string},
    FactRow{"service_mesh_source", FactType::string},
    FactRow{"service_mesh_verified_by", FactType::string},
    FactRow{"service_mesh_version", FactType::string},
    FactRow{"service_mesh_version_changed", FactType::boolean},
    FactRow{"service_mesh_version_pinned", FactType::boolean},
    FactRow{"service_mesh_version_previous", FactType::string},
    FactRow{"service_mesh_version_requested", FactType::string},
    FactRow{"stack", FactType::string},
    FactRow{"started_at", FactType::string},
    FactRow{"trace_id", FactType::string},
};

// A key with the type of its value, so that the compiler rejects other types.
template <class T>
struct Fact {
  std::string_view key;
};

namespace fact {

template <class T>
consteval FactType type_of() {
  if (std::is_same_v<T, std::string>) return FactType::string;
  return std::is_same_v<T, bool> ? FactType::boolean : FactType::integer;
}

template <class T>
consteval Fact<T> declared(std::string_view key) {
  for (const FactRow& row : kFactRows) {
    if (row.key == key && row.type == type_of<T>()) return {row.key};
  }
  throw "no such row in kFactRows";  // ends the compilation
}

inline constexpr auto kArch = declared<std::string>("arch");
inline constexpr auto kBuildpackVersion = declared<std::string>("buildpack_version");
inline constexpr auto kCacheStatus = declared<std::string>("cache_status");
inline constexpr auto kDownloadAttempts = declared<std::int64_t>("download_attempts");
inline constexpr auto kDownloadBytes = declared<std::int64_t>("download_bytes");
inline constexpr auto kDownloadHost = declared<std::string>("download_host");
inline constexpr auto kGeneration = declared<std::string>("generation");
inline constexpr auto kProcfileFindings = declared<std::string>("procfile_findings");
inline constexpr auto kProcfileFindingsCount = declared<std::int64_t>("procfile_findings_count");
inline constexpr auto kProcfileWeb = declared<std::string>("procfile_web");
inline constexpr auto kMeshBytes = declared<std::int64_t>("service_mesh_bytes");
inline constexpr auto kMeshProduct = declared<std::string>("service_mesh_product");
inline constexpr auto kMeshSha256 = declared<std::string>("service_mesh_sha256");
inline constexpr auto kMeshSource = declared<std::string>("service_mesh_source");
inline constexpr auto kMeshVerifiedBy = declared<std::string>("service_mesh_verified_by");
inline constexpr auto kMeshVersion = declared<std::string>("service_mesh_version");
inline constexpr auto kMeshVersionChanged = declared<bool>("service_mesh_version_changed");
inline constexpr auto kMeshVersionPinned = declared<bool>("service_mesh_version_pinned");
inline constexpr auto kMeshVersionPrevious = declared<std::string>("service_mesh_version_previous");
inline constexpr auto kMeshVersionRequested = declared<std::string>("service_mesh_version_requested");
inline constexpr auto kStack = declared<std::string>("stack");
inline constexpr auto kStartedAt = declared<std::string>("started_at");
inline constexpr auto kTraceId = declared<std::string>("trace_id");

}  // namespace fact
}  // namespace schema
}  // namespace mesh
