#include "buildpack/install/layout.h"

#include <fmt/format.h>

#include <algorithm>

namespace mesh::buildpack {
namespace {

// Returns whether the version is short enough for a file name and contains no path separator.
bool can_be_in_a_file_name(std::string_view version) {
  constexpr std::size_t kMaxLength = 128;
  return !version.empty() && version.size() <= kMaxLength &&
         std::ranges::all_of(version, [](char c) { return c > ' ' && c <= '~' && c != '/' && c != '\\'; });
}

}  // namespace

Layout layout_of(Product product) {
  const Path directory = fmt::format("vendor/heroku-{}/bin", name(product));
  return {directory, directory / program(product), Path(".profile.d") / fmt::format("{}.sh", program(product))};
}

std::string profile_script(Product product) {
  return fmt::format(
      "# Written by the {0} buildpack: puts the service mesh on PATH.\n"
      "case \":$PATH:\" in\n"
      "  *\":$HOME/{1}:\"*) ;;\n"
      "  *) export PATH=\"$HOME/{1}:$PATH\" ;;\n"
      "esac\n",
      title(product), layout_of(product).directory.native());
}

std::vector<std::string> alias_names(Product product, std::string_view version, Architecture architecture) {
  const std::string_view arch = name(architecture);
  std::vector<std::string> names = {std::string(program(other(product)))};
  for (const Product called : {product, other(product)}) {
    names.push_back(fmt::format("{}-latest-{}", program(called), arch));
    if (can_be_in_a_file_name(version) && version != "latest") {
      names.push_back(fmt::format("{}-{}-{}", program(called), version, arch));
    }
  }
  return names;
}

std::optional<Path> vendored_binary(Product product, const Path& app, Files& files) {
  const Layout layout = layout_of(product);
  if (files.kind(app / layout.binary) != FileKind::file) return std::nullopt;
  const auto profile = files.read(app / layout.profile, 64 * 1024);
  if (profile && *profile == profile_script(product)) return std::nullopt;
  return layout.binary;
}

Result<TemporaryDirectory> open_staging(const Path& app, Files& files) {
  TRY_ASSIGN(const auto names, files.list(app));
  for (const std::string& name : names) {
    const bool is_ours = name.starts_with(kStagingPrefix) && name.size() == kStagingPrefix.size() + 6;
    if (is_ours && files.kind(app / name) == FileKind::directory) TRY(files.remove(app / name));
  }
  return TemporaryDirectory::make(files, app, kStagingPrefix);
}

}  // namespace mesh::buildpack
