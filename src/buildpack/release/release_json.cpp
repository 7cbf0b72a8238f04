#include "buildpack/release/release_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "buildpack/release/github_source.h"
#include "common/json.h"
#include "common/text.h"

namespace mesh::buildpack {
namespace {

struct Asset {
  std::string name;
  std::string url;
  std::string api_url;
  std::optional<std::string> digest;
};

bool contains_any(std::string_view name, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return name.find(word) != std::string_view::npos; });
}

bool is_archive(std::string_view name) { return name.ends_with(".tar.gz") || name.ends_with(".tgz"); }

bool is_for(Architecture architecture, std::string_view name) {
  static constexpr std::array<std::string_view, 3> kAmd64 = {"amd64", "x86_64", "x64"};
  static constexpr std::array<std::string_view, 2> kArm64 = {"arm64", "aarch64"};
  static constexpr std::array<std::string_view, 4> kOtherSystems = {"darwin", "macos", "windows", "freebsd"};
  const bool amd64 = contains_any(name, kAmd64);
  const bool arm64 = contains_any(name, kArm64);
  return is_archive(name) && !contains_any(name, kOtherSystems) && amd64 != arm64 &&
         amd64 == (architecture == Architecture::amd64);
}

// Returns the assets with state "uploaded". Other states mean that the upload is incomplete.
std::vector<Asset> finished_assets(const Json& release) {
  std::vector<Asset> assets;
  const auto list = release.find("assets");
  if (list == release.end() || !list->is_array()) return assets;
  for (const Json& json : *list) {
    const auto name = member<std::string>(json, "name");
    const auto url = member<std::string>(json, "browser_download_url");
    if (!name || !url || member<std::string>(json, "state").value_or("uploaded") != "uploaded") continue;
    assets.push_back({*name, *url, member<std::string>(json, "url").value_or(""), member<std::string>(json, "digest")});
  }
  return assets;
}

Failure no_asset(Reason reason, std::string_view tag, Architecture architecture, const std::vector<Asset>& assets) {
  std::vector<std::string> names(assets.size());
  std::ranges::transform(assets, names.begin(), &Asset::name);
  const std::string listed = names.empty() ? "no uploaded file" : fmt::format("{}", fmt::join(names, ", "));
  return {reason, text::printable_line(fmt::format("{} for {}: the release has {}", tag, name(architecture), listed), 300)};
}

Result<Asset> choose(std::string_view tag, Architecture architecture, const std::vector<Asset>& assets) {
  const auto exact = std::ranges::find(assets, kArchiveName, &Asset::name);
  if (exact != assets.end()) return *exact;
  const auto fits = [&](const Asset& asset) { return is_for(architecture, text::lower(asset.name)); };
  const auto first = std::ranges::find_if(assets, fits);
  if (first == assets.end()) return no_asset(Reason::resolve_no_asset, tag, architecture, assets);
  if (std::ranges::count_if(assets, fits) > 1) return no_asset(Reason::resolve_ambiguous_asset, tag, architecture, assets);
  return *first;
}

// Returns nullopt for an unknown algorithm. Fails with resolve::bad-response for a malformed SHA-256 digest.
Result<std::optional<Sha256>> parse_digest(const std::optional<std::string>& digest, const Url& api) {
  if (!digest || !digest->starts_with("sha256:")) return std::optional<Sha256>();
  const auto parsed = Sha256::parse(*digest);
  if (!parsed) return Failure{Reason::resolve_bad_response, api.redacted() + ": malformed digest"};
  return parsed;
}

}  // namespace

Result<Artifact> choose_asset(std::string_view release_json, Architecture architecture, const Url& api) {
  const auto release = parse_json(release_json);
  const auto tag = release ? member<std::string>(*release, "tag_name") : std::nullopt;
  if (!tag || !is_tag(*tag)) return Failure{Reason::resolve_bad_response, api.redacted() + ": malformed release JSON"};

  const std::vector<Asset> assets = finished_assets(*release);
  TRY_ASSIGN(const Asset chosen, choose(*tag, architecture, assets));

  auto url = api.redirect(chosen.url);
  if (!url) return Failure{Reason::resolve_bad_response, api.redacted() + ": unsupported download URL"};
  TRY_ASSIGN(const auto digest, parse_digest(chosen.digest, api));
  return Artifact{.tag = *tag, .url = *std::move(url), .digest = digest, .api_url = api.redirect(chosen.api_url)};
}

}  // namespace mesh::buildpack
