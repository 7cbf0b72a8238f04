// docs/failures.md is what the catalogue says, in Markdown. MESH_UPDATE_GOLDEN=1 (script/update-docs) writes it anew.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "common/text.h"
#include "schema/failure.h"

namespace mesh::buildpack {
namespace {

const std::string kFile = std::string(MESH_TEST_DOCS) + "/failures.md";

constexpr std::string_view kIntroduction = R"(# Failure reference

<!-- Generated from the failure catalogue by script/update-docs; a test compares. -->

Every way in which a build can fail: the report's `failure_reason`, who has to act (`failure_classification`), and the
words that the build log shows beside what varied (`failure_detail`). The first failure of a build is the one that is
recorded.

| class | who has to act |
| --- | --- |
| `user` | the app's developers: a setting or a file of the app |
| `upstream` | whoever runs the release server, or the network on the way to it |
| `platform` | whoever runs the machine that builds |
| `buildpack` | the maintainers of this buildpack |

In the words, `$PREFIX` stands for `HEROKU_INTEGRATION_SERVICE_MESH` or `HEROKU_APPLINK_SERVICE_MESH`, whichever product the
build was about.

More reasons come from the scripts themselves, when the buildpack's own program cannot be had; they end a build before the
program begins, and are all that its report holds:

| reason | class | what happened |
| --- | --- | --- |
| `platform::helper-missing` | buildpack | the buildpack contains no helper for this machine and names none to fetch: no release exists yet, or the architecture is unsupported |
| `platform::helper-unreachable` | upstream | the helper could not be fetched; "not fetched" if no step of the build tried |
| `platform::helper-digest` | upstream | the fetched file does not match the pinned SHA-256; it was not run |
| `platform::helper-tools` | platform | neither `curl` nor `wget` is available, or no SHA-256 tool is |
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

// Returns what the build itself does about a failure; empty if it just ends.
std::string reaction(const FailureEntry& row) {
  const std::string text = fmt::format("{} {}", retry_text(row.retry), fallback_text(row.fallback));
  const std::string_view trimmed = text::trim(text);
  return trimmed.empty() ? "" : fmt::format("\n*{}*\n", trimmed);
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
  return text;
}

std::string read(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return (std::ostringstream() << stream.rdbuf()).str();
}

TEST(FailureReference, IsWhatTheCatalogueSays) {
  if (std::getenv("MESH_UPDATE_GOLDEN") != nullptr) std::ofstream(kFile, std::ios::binary) << render();
  EXPECT_EQ(read(kFile), render()) << "run script/update-docs";
}

TEST(FailureReference, ListsEachAreaOnce) {
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
