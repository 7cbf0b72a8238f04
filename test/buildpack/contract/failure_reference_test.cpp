// Compares docs/failures.md with the failure catalogue. MESH_UPDATE_GOLDEN=1 (script/update-docs) writes it.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "buildpack/base/product.h"
#include "common/text.h"
#include "schema/failure.h"

namespace mesh::buildpack {
namespace {

const std::string kFile = std::string(MESH_TEST_DOCS) + "/failures.md";

constexpr std::string_view kIntroduction = R"(# Failure reference

<!-- Generated from the failure catalogue by script/update-docs; a test compares. -->

This page lists the reason of every build failure (`failure_reason` in the report), its class (`failure_classification`) and
the texts of its message. The build log also shows a detail (`failure_detail`). A build records only its first failure.

| class | who must act |
| --- | --- |
| `user` | the app's developers: correct a config var or a file of the app |
| `upstream` | the operators of the release server or the network |
| `platform` | the operators of the build machine |
| `buildpack` | the maintainers of this buildpack |

The texts on this page name the config vars of the Integration mesh, such as `HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION`.
In an AppLink build, the log names those of AppLink, such as `HEROKU_APPLINK_SERVICE_MESH_RELEASE_VERSION`.

The scripts in `bin/` report these reasons if they cannot start the helper. The report then contains nothing else:

| reason | class | what happened |
| --- | --- | --- |
| `platform::helper-missing` | buildpack | the buildpack contains no helper for this machine and names none to fetch: no release exists yet, or the architecture is unsupported |
| `platform::helper-unreachable` | upstream | the helper could not be fetched; "not fetched" if no step of the build tried |
| `platform::helper-digest` | upstream | the fetched file does not match the pinned SHA-256; it was not run |
| `platform::helper-tools` | platform | `sha256sum` is missing, or both `curl` and `wget` are |
| `platform::helper-place` | platform | no directory for the helper is writable by this user only and allows execution |
| `platform::helper-address` | user | `HEROKU_SERVICE_MESH_HELPER_BASE_URL` is not an address that may be fetched from |
)";

std::string_view retry_text(Retry retry) {
  switch (retry) {
    case Retry::never: return "";
    case Retry::once: return "The request is retried once.";
    case Retry::repeatedly: return "The request is retried several times.";
    case Retry::refetch: return "The release is downloaded once more.";
  }
  return "";
}

std::string_view fallback_text(Fallback fallback) {
  return fallback == Fallback::may_fall_back ? "The build may fall back to the cached binary." : "";
}

// Returns the build's reaction to a failure; empty if the build ends.
std::string reaction(const FailureEntry& row) {
  const std::string text = fmt::format("{} {}", retry_text(row.retry), fallback_text(row.fallback));
  const std::string_view trimmed = text::trim(text);
  return trimmed.empty() ? "" : fmt::format("\n*{}*\n", trimmed);
}

// Replaces $PREFIX by the prefix of the Integration mesh's config vars.
std::string with_config_vars(std::string text) {
  constexpr std::string_view kPrefix = "$PREFIX";
  for (std::size_t at = text.find(kPrefix); at != std::string::npos; at = text.find(kPrefix, at))
    text.replace(at, kPrefix.size(), prefix(Product::integration));
  return text;
}

std::string render() {
  std::string text(kIntroduction);
  std::string_view area;
  for (const FailureEntry& row : failure_catalogue()) {
    const std::string_view row_area = row.id.substr(0, row.id.find("::"));
    if (row_area != area) text += fmt::format("\n## {}\n", row_area);
    area = row_area;
    text += fmt::format("\n### `{}` ({})\n\n**{}** {}\n\n{}\n{}", row.id, name(row.classification), row.headline,
                        row.explanation, row.hint, reaction(row));
  }
  return with_config_vars(text);
}

std::string read(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return (std::ostringstream() << stream.rdbuf()).str();
}

TEST(FailureReference, EqualsCatalogue) {
  if (std::getenv("MESH_UPDATE_GOLDEN") != nullptr) std::ofstream(kFile, std::ios::binary) << render();
  EXPECT_EQ(read(kFile), render()) << "run script/update-docs";
}

TEST(FailureReference, GroupsReasonsByArea) {
  std::vector<std::string_view> areas;
  for (const FailureEntry& row : failure_catalogue()) {
    const std::string_view area = row.id.substr(0, row.id.find("::"));
    if (areas.empty() || areas.back() != area) areas.push_back(area);
  }
  std::ranges::sort(areas);
  EXPECT_EQ(std::ranges::adjacent_find(areas), areas.end());
}

}  // namespace
}  // namespace mesh::buildpack
