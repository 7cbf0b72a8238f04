#include "buildpack/release/config_vars.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/text.h"

namespace mesh::buildpack {
namespace {

constexpr std::size_t kMaxValueBytes = 8 * 1024;

std::optional<std::string> unless_empty(std::string_view trimmed) {
  return trimmed.empty() ? std::nullopt : std::optional<std::string>(trimmed);
}

}  // namespace

ConfigVars::ConfigVars(const std::optional<Path>& directory, Environment environment, Files& files)
    : directory_(directory.value_or(Path())), environment_(std::move(environment)), files_(files) {
  if (!directory) return;
  auto names = files.list(directory_);
  if (names) {
    names_ = *std::move(names);
  } else if (const auto real = files.resolve(directory_); real && files.kind(*real) == FileKind::directory) {
    // It would look empty, and a pin in it would be ignored.
    unreadable_ = std::move(names).failure();
  }
}

bool ConfigVars::has_file(std::string_view name) const {
  return names_ && std::ranges::binary_search(*names_, name, std::less<>());
}

common::Result<std::string> ConfigVars::read(std::string_view name) const {
  return files_.read(directory_ / name, kMaxValueBytes);
}

Result<std::optional<std::string>> ConfigVars::get(std::string_view name) const {
  if (unreadable_) return Failure{Reason::config_unreadable, unreadable_->detail};
  const auto content = has_file(name) ? read(name) : environment_.get(name).value_or("");
  if (!content) return Failure{Reason::config_unreadable, fmt::format("{}: {}", name, content.failure().detail)};
  const std::string_view value = text::trim(*content);
  if (value.find('\0') != std::string_view::npos) {
    return Failure{Reason::config_unreadable, fmt::format("{} contains a NUL byte", name)};
  }
  return unless_empty(value);
}

std::optional<std::string> ConfigVars::in_directory(std::string_view name) const {
  if (!has_file(name)) return std::nullopt;
  const auto content = read(name);
  return content ? unless_empty(text::trim(*content)) : std::nullopt;
}

}  // namespace mesh::buildpack
